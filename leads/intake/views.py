import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template import loader
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.generic import FormView, TemplateView, View

from leads.briefs import hints, section_text
from leads.briefs.files import markdown_file
from leads.briefs.section_text import Finding
from leads.intake import counting, receiving
from leads.intake.forms import BriefForm, InquiryForm, InquiryWithBriefForm
from leads.models import Inquiry
from leads.pipeline import assessments
from readiness import cookie
from readiness.models import QuestionSet
from web.limits import Limit, Refusal, refusal
from web.origin import FORM_TYPES, refuse_foreign_posts

logger = logging.getLogger(__name__)

# Of one visitor, or all behind one address: an office of people who write to us on one day.
INQUIRIES = Limit("inquiries", most=30, seconds=600)
INQUIRIES_A_DAY = Limit("inquiries a day", most=100, seconds=86_400)
# Forms that come back filled in because there were too many. After these it is a plain page.
RETURNED = Limit("returned forms", most=20, seconds=600)
# Milliseconds of a processor, at least.
COST_OF_AN_INQUIRY = 100  # half of it in the worker
COST_OF_A_LOOK = 200
COST_OF_A_STEP = 20  # whatever else one does with a brief, or to begin an assessment


def inquiry_refusal(request: HttpRequest) -> Refusal | None:
    """What keeps us from taking another inquiry from this visitor, if anything."""
    refused = refusal(request, INQUIRIES, INQUIRIES_A_DAY, cost=COST_OF_AN_INQUIRY)
    if refused:
        counting.INQUIRIES.add(counting.REFUSED)
    return refused


def keep_what_was_typed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """While the database is away, a form that is sent comes back as it was typed."""

    @wraps(view)
    def dispatch(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            answer = view(request, *args, **kwargs)
            # Rendered now: later, what its page asks of the database would fail out of our reach.
            return answer.render() if isinstance(answer, TemplateResponse) else answer
        except (OperationalError, InterfaceError) as error:
            if request.method != "POST":
                raise
            logger.error(
                "An inquiry could not be saved: %s", type(error).__name__
            )  # its text may quote someone
            return _not_saved(request)

    return dispatch


def _not_saved(request: HttpRequest) -> HttpResponse:
    """It asks nothing of the database."""
    form = InquiryForm(initial=request.POST.dict())
    form.helper.form_tag = False
    rest = {name: value for name, value in request.POST.items() if name not in form.fields}
    context = {"form": form, "rest": rest, "action": request.path}
    page = loader.render_to_string("leads/not_saved.html", context)
    response = HttpResponse(page, status=503)
    response.headers["Retry-After"] = "10"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@method_decorator([csrf_exempt, refuse_foreign_posts, keep_what_was_typed], name="dispatch")
class ContactPage(FormView[InquiryForm]):
    """The inquiry form on a page of its own; every page's form is sent here."""

    form_class = InquiryForm
    template_name = "leads/contact.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.content_type not in FORM_TYPES:
            return HttpResponse("Submit this form from a browser.", status=415)
        if refused := inquiry_refusal(request):
            return self.refuse(refused)
        return super().post(request, *args, **kwargs)

    def refuse(self, refused: Refusal) -> HttpResponse:
        """Nothing is taken; what was typed stands in the form again."""
        if flood := refusal(self.request, RETURNED, cost=0):
            return flood.page()
        form = InquiryForm(initial=self.request.POST.dict())
        return refused.on(
            self.render_to_response(self.get_context_data(form=form, refusal=refused))
        )

    def get_initial(self) -> dict[str, Any]:
        return {"page": self.request.path}

    def form_valid(self, form: InquiryForm) -> HttpResponse:
        inquiry = receiving.receive(
            form.inquiry(),
            browser_key=form.cleaned_data["key"],
            signs=form.signs(),
            about=form.cleaned_data["about"],
            assessment=form.cleaned_data["assessment"],
        )
        return _thank(inquiry)

    def form_invalid(self, form: InquiryForm) -> HttpResponse:
        counting.INQUIRIES.add(counting.INVALID)
        return self.render_to_response(self.get_context_data(form=form), status=422)


def _thank(inquiry: Inquiry) -> HttpResponse:
    query = {"for": assessments.invitation(inquiry)}
    return HttpResponseRedirect(reverse("leads:thanks", query=query))


@method_decorator([csrf_exempt, refuse_foreign_posts, keep_what_was_typed], name="dispatch")
class BriefPage(View):
    """Where a visitor describes a piece of work: has it looked over, takes it away, or sends it.

    The empty page is the same for everyone. Nothing is saved until it is sent.
    """

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(BriefForm(), InquiryWithBriefForm(initial={"page": request.path}))

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.content_type not in FORM_TYPES:
            return HttpResponse("Submit this form from a browser.", status=415)
        wish = request.POST.get("do", "")
        if refused := self._refusal(wish):
            return self._refuse(refused)
        if wish == "begin":  # from a result, which comes along
            return self._show(BriefForm(), self._unsent())
        written = BriefForm(request.POST)
        if wish not in ("look", "download"):
            return self._send(written, InquiryWithBriefForm(request.POST))
        if not written.is_valid():
            return self._show(written, self._unsent(), status=422)
        if wish == "download":
            return markdown_file(written.brief())
        findings = hints.findings(written.brief())
        return self._show(
            BriefForm(request.POST, findings=findings), self._unsent(), findings=findings
        )

    def _refusal(self, wish: str) -> Refusal | None:
        """Looking a brief over takes the most of us, and writing it down leaves the most."""
        if wish in ("look", "download", "begin"):
            cost = COST_OF_A_LOOK if wish == "look" else COST_OF_A_STEP
            return refusal(self.request, cost=cost)
        return inquiry_refusal(self.request)

    def _refuse(self, refused: Refusal) -> HttpResponse:
        if flood := refusal(self.request, RETURNED, cost=0):
            return flood.page()
        written = BriefForm(initial=self.request.POST.dict())
        return refused.on(self._show(written, self._unsent(), refused=refused))

    def _unsent(self) -> InquiryWithBriefForm:
        """What was typed for the inquiry, without errors yet."""
        return InquiryWithBriefForm(initial={"page": self.request.path} | self.request.POST.dict())

    def _send(self, written: BriefForm, form: InquiryWithBriefForm) -> HttpResponse:
        if not (written.is_valid() & form.is_valid()):
            return self._show_invalid(written, form)
        brief = written.brief()
        if not brief.says_something and form.cleaned_data["message"] == form.MESSAGE:
            form.add_error(
                "message", "The brief is empty. Write at least one line, or say here what you need."
            )
            return self._show_invalid(written, form)
        inquiry = receiving.receive(
            form.inquiry(),
            browser_key=form.cleaned_data["key"],
            signs=form.signs(brief),
            about=form.cleaned_data["about"],
            assessment=form.cleaned_data["assessment"],
            brief=brief if brief.says_something else None,
        )
        return _thank(inquiry)

    def _show_invalid(self, written: BriefForm, form: InquiryWithBriefForm) -> HttpResponse:
        counting.INQUIRIES.add(counting.INVALID)
        return self._show(written, form, status=422)

    def _show(
        self,
        written: BriefForm,
        form: InquiryWithBriefForm,
        *,
        findings: Sequence[Finding] | None = None,
        refused: Refusal | None = None,
        status: int = 200,
    ) -> HttpResponse:
        texts = [field.value() or "" for field, *_ in written.sections]
        is_read = all(len(text) <= section_text.MAX_READ for text in texts)
        context = {
            "written": written,
            "form": form,
            "findings": findings,
            "is_read": is_read,
            "refusal": refused,
        }
        response = render(self.request, "leads/brief.html", context, status=status)
        if self.request.method == "POST":
            response.headers["Cache-Control"] = "private, no-store"
        return response


class Thanks(TemplateView):
    """The same for everyone, but for an invitation: that is its holder's own, and kept nowhere."""

    template_name = "leads/thanks.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        token = request.GET.get("for", "")
        inquiry = assessments.invited_by(token)
        has_result = inquiry is not None and assessments.has_result(inquiry)
        context = self.get_context_data(
            invitation=token if inquiry and not has_result else "", has_result=has_result, **kwargs
        )
        response = self.render_to_response(context)
        response.headers["No-Vary-Search"] = 'params, except=("for")'
        response.headers["Referrer-Policy"] = "same-origin"
        if token:
            response.headers["Cache-Control"] = "private, no-store"
        return response


@csrf_exempt
@refuse_foreign_posts
@require_POST
def assess(request: HttpRequest) -> HttpResponse:
    """Begin the assessment that comes with an inquiry."""
    if refused := refusal(request, cost=COST_OF_A_STEP):
        return refused.page()
    question_set = QuestionSet.objects.current()
    if question_set is None:
        return redirect("readiness:start")
    inquiry = assessments.invited_by(request.POST.get("for", ""))
    key = assessments.begin_for(inquiry, question_set) if inquiry else None
    if key is None:
        query = {"why": "late"}
        return HttpResponseRedirect(reverse("readiness:step", args=[1], query=query))
    return cookie.remember(redirect("readiness:step", 1), key)
