from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.generic import FormView, TemplateView

from accounts.requests import FORM_TYPES, refuse_foreign_posts
from leads import assessments, intake
from leads.forms import InquiryForm
from readiness.models import QuestionSet


@method_decorator([csrf_exempt, refuse_foreign_posts], name="dispatch")
class Contact(FormView):
    """The inquiry form on a page of its own; every page's form is sent here."""

    form_class = InquiryForm
    template_name = "leads/contact.html"

    def post(self, request, *args, **kwargs):
        if request.content_type not in FORM_TYPES:
            return HttpResponse("Send the form as a browser does.", status=415)
        return super().post(request, *args, **kwargs)

    def get_initial(self):
        return {"page": self.request.path}

    def form_valid(self, form):
        inquiry = intake.receive(
            form.inquiry(),
            browser_key=form.cleaned_data["key"],
            suspicions=form.suspicions(),
            assessment=form.cleaned_data["assessment"],
        )
        if form.cleaned_data["assessment"]:
            return redirect("leads:thanks")
        query = {"for": assessments.invitation(inquiry)}
        return HttpResponseRedirect(reverse("leads:thanks", query=query))

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class Thanks(TemplateView):
    """The same for everyone, but for an invitation: that is its holder's own, and kept nowhere."""

    template_name = "leads/thanks.html"

    def get(self, request, *args, **kwargs):
        token = request.GET.get("for", "")
        invitation = token if assessments.invited_by(token) else ""
        response = self.render_to_response(self.get_context_data(invitation=invitation, **kwargs))
        response.headers["No-Vary-Search"] = 'params, except=("for")'
        if token:
            response.headers["Cache-Control"] = "private, no-store"
        return response


@csrf_exempt
@refuse_foreign_posts
@require_POST
def assess(request: HttpRequest) -> HttpResponse:
    """Begin the assessment that comes with an inquiry. Its first step sets the cookie, not this."""
    question_set = QuestionSet.objects.current()
    if question_set is None:
        return redirect("readiness:start")
    inquiry = assessments.invited_by(request.POST.get("for", ""))
    if inquiry is None:
        query = {"why": "late"}
        return HttpResponseRedirect(reverse("readiness:step", args=[1], query=query))
    return redirect("readiness:resume", assessments.begin_for(inquiry, question_set))
