"""The assessment as visitors take it: a public page that invites, steps that are one visitor's own,
and a result at a link that can be passed on.
"""

import re
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import TemplateView, View

from articles.models import Revision
from readiness import cookie, pdf, reports, taking
from readiness.forms import DimensionForm, StepForm, WishesForm
from readiness.models import Assessment, QuestionSet
from readiness.reports import Report, Said
from web.addresses import absolute
from web.limits import Limit, refusal
from web.origin import FORM_TYPES, refuse_foreign_posts

# Why a visitor sees a different step from the one requested.
WHY = {
    "begin": "The assessment starts here.",
    "expired": "Your answers have expired, so the assessment starts over.",
    "over": "That link has expired. These are the answers you gave in this browser.",
    "skipped": "This step still needs an answer. Your other answers are saved.",
    "late": "That invitation is more than a week old, so this assessment will not be added to "
    "your message. You can send us the result at the end.",
    "lost": "Your earlier answers are gone: their cookie was deleted, or 30 days have passed. "
    "The answers you just gave are saved.",
    "stale": "The questions have changed since you opened the page. Your saved answers are safe: "
    "please answer this step again.",
}
SHORT_NUMBER = re.compile(r"[0-9]{1,9}")
# Of one visitor, or all behind one address: a workshop in which everyone takes it.
ASSESSMENTS = Limit("assessments", most=40, seconds=600)
COST_OF_A_STEP = 20  # milliseconds of a processor, at least


def private(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """One visitor's own: kept by nobody, and its address, which may be a key, told to nobody else.

    Not `no-referrer`: browsers would then send our forms with `Origin: null`.
    """

    @wraps(view)
    @cache_control(private=True, no_store=True)
    def wrapper(*args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(*args, **kwargs)
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return wrapper


class Start(TemplateView):
    """What it is, how long it takes, and what is kept. The same for everyone."""

    template_name = "readiness/start.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            question_set=QuestionSet.objects.current(), kept_for=taking.KEPT_FOR.days, **kwargs
        )


@method_decorator([csrf_exempt, private, refuse_foreign_posts], name="dispatch")
class Step(View):
    """One step: a dimension's questions or, at the end, what is wanted."""

    number: int
    key: str
    assessment: Assessment | None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.number = kwargs["number"]
        self.key, self.assessment = _asked_for(request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        begins = request.method == "POST" and self.assessment is None
        limits = [ASSESSMENTS] if begins else []
        if refused := refusal(request, *limits, cost=COST_OF_A_STEP):
            return refused.page()
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def question_set(self) -> QuestionSet:
        """The assessment's own, however many newer ones there are by now; else the one that the
        page was made from, or the current one.
        """
        sets = QuestionSet.objects.published().for_asking()
        if self.assessment:
            return sets.get(pk=self.assessment.question_set_id)
        version = self.request.POST.get("version", "")
        if SHORT_NUMBER.fullmatch(version) and (shown := sets.filter(number=version).first()):
            return shown
        if current := QuestionSet.objects.current():
            return current
        raise Http404("There are no questions yet.")

    @property
    def last(self) -> int:
        return len(self.question_set.scales) + 1

    def get(self, request: HttpRequest, number: int) -> HttpResponseBase:
        self._refuse_unknown_step()
        if key := request.GET.get("key"):  # older private links led here
            return resume(request, key)
        why = request.GET.get("why")
        if self.assessment is None:
            if number > 1:
                return self._to_step(1, why="expired" if self.key else "begin")
            return self._show(self._form(), why="expired" if self.key else why)
        if self.assessment.is_finished:
            return self._to_result()
        if number > (first := self.question_set.next_step(self.assessment.answers)):
            return self._to_step(first, why="skipped")
        return self._show(self._form(), why="over" if why == "expired" else why)

    def post(self, request: HttpRequest, number: int) -> HttpResponse:
        if request.content_type not in FORM_TYPES:
            return HttpResponse("Submit this form from a browser.", status=415)
        self._refuse_unknown_step()
        if self.assessment and request.POST.get("version") != str(self.question_set.number):
            return self._show(self._form(), why="stale", status=409)
        form = self._form(request.POST)
        if self.assessment is None and not (form.is_valid() or "back" in request.POST):
            return self._show(form, status=422)
        is_new = self.assessment is None
        if self.assessment is None:
            self.assessment, self.key = taking.begin(self.question_set)
        try:
            self._save(self.assessment, form)
            response = self._after_saving(self.assessment, form, is_new=is_new)
        except taking.Incomplete:
            first = self.question_set.next_step(self.assessment.answers)
            response = self._to_step(first, why="skipped")
        except Assessment.DoesNotExist:  # erased a moment ago, with the inquiry it came with
            return self._to_step(1, why="expired")
        except taking.Finished:
            response = self._to_result()  # a second click or another tab was first: it stands
        return cookie.remember(response, self.key)

    def _after_saving(
        self, assessment: Assessment, form: StepForm, *, is_new: bool
    ) -> HttpResponse:
        """Where the visitor comes next."""
        if "back" in self.request.POST:
            return self._to_step(max(self.number - 1, 1))
        if is_new and self.number > 1:
            return self._to_step(1, why="lost")
        if not form.is_valid():
            return self._show(form, status=422)
        if self.number < self.last:
            return self._to_step(self.number + 1)
        taking.finish(assessment)
        return self._to_result()

    def _refuse_unknown_step(self) -> None:
        if not 1 <= self.number <= self.last:
            raise Http404("There is no such step.")

    def _form(self, data: QueryDict | None = None) -> StepForm:
        initial = {"version": self.question_set.number, "key": self.key if self.assessment else ""}
        answers = self.assessment.answers if self.assessment else {}
        kept = self.assessment.wishes if self.assessment else {}
        if self.number == self.last:
            return WishesForm(data, initial=initial, kept=kept)
        dimension = self.question_set.scales[self.number - 1]
        return DimensionForm(data, initial=initial, dimension=dimension, answers=answers)

    def _save(self, assessment: Assessment, form: StepForm) -> None:
        if isinstance(form, WishesForm):
            taking.save(assessment, wishes=form.valid_wishes())
        elif isinstance(form, DimensionForm):
            taking.save(assessment, answers=form.valid_answers())

    def _show(self, form: StepForm, *, why: str | None = None, status: int = 200) -> HttpResponse:
        is_last = self.number == self.last
        context = {
            "form": form,
            "number": self.number,
            "last": self.last,
            "dimension": None if is_last else self.question_set.scales[self.number - 1],
            "why": WHY.get(why or "", ""),
            "assessment": self.assessment,
            "resume_url": self._resume_url() if self.assessment else "",
        }
        return render(self.request, "readiness/step.html", context, status=status)

    def _resume_url(self) -> str:
        return absolute(reverse("readiness:resume", args=[self.key]))

    def _to_step(self, number: int, *, why: str = "") -> HttpResponseRedirect:
        query = {"why": why} if why else None
        return HttpResponseRedirect(reverse("readiness:step", args=[number], query=query))

    def _to_result(self) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("readiness:result", args=[taking.result_key(self.key)]))


def _asked_for(request: HttpRequest) -> tuple[str, Assessment | None]:
    """The key that came along, and what it opens. What the page says goes before the cookie: of two
    tabs, each has its own.
    """
    said = [request.POST.get("key"), request.COOKIES.get(cookie.NAME)]
    keys = [key for key in said if key]
    for key in keys:
        if found := taking.find(key):
            return key, found
    return (keys[0] if keys else ""), None


@require_safe
@private
def resume(request: HttpRequest, key: str) -> HttpResponse:
    """Where the private link leads: the step that comes next, or the result.

    The key goes into the cookie: who has it can change the answers, and addresses are written down
    by servers, browsers and the next site.
    """
    assessment = taking.find(key)
    if assessment is None:
        return HttpResponseRedirect(reverse("readiness:step", args=[1], query={"why": "expired"}))
    if assessment.is_finished:
        return redirect("readiness:result", taking.result_key(key))
    asked = QuestionSet.objects.for_asking().get(pk=assessment.question_set_id)
    first = asked.next_step(assessment.answers)
    return cookie.remember(redirect("readiness:step", first), key)


@csrf_exempt
@private
@refuse_foreign_posts
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Forget the cookie and begin anew; what was answered before stays at its own link."""
    response = HttpResponseRedirect(reverse("readiness:step", args=[1]))
    cookie.forget(response)
    return response


@method_decorator(private, name="dispatch")
class ResultPage(TemplateView):
    """What the answers came to, at a link that says nothing about who gave them."""

    template_name = "readiness/result.html"
    cost = 20  # milliseconds of a processor, at least

    def get(self, request: HttpRequest, *args: Any, key: str, **kwargs: Any) -> HttpResponse:
        if refused := refusal(request, cost=self.cost):
            return refused.page()
        assessment = taking.find_result(key)
        if assessment is None or assessment.has_expired:
            context = {"is_over": assessment is not None}
            status = 410 if assessment else 404
            return render(request, "readiness/no_result.html", context, status=status)
        report = reports.report(assessment)
        gaps = reports.with_articles(report.holding_back)
        response = self.show(report, gaps, key)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def show(
        self, report: Report, gaps: list[tuple[Said, list[Revision]]], key: str
    ) -> HttpResponse:
        url = absolute(reverse("readiness:result", args=[key]))
        context = self.get_context_data(report=report, gaps=gaps, key=key, url=url)
        return self.render_to_response(context)


class ResultDocument(ResultPage):
    """The same to print, keep and pass on. Made at each request, as what links to articles is: it
    takes less time than the page.
    """

    cost = 60

    def show(
        self, report: Report, gaps: list[tuple[Said, list[Revision]]], key: str
    ) -> HttpResponse:
        letterhead = pdf.letterhead(self.request)
        document = pdf.render(report, gaps=gaps, key=key, letterhead=letterhead)
        said = f'inline; filename="{pdf.file_name(report)}"'
        return HttpResponse(document, "application/pdf", headers={"Content-Disposition": said})
