from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView, TemplateView

from accounts.requests import FORM_TYPES, refuse_foreign_posts
from leads import intake
from leads.forms import InquiryForm


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
        intake.receive(
            form.inquiry(),
            browser_key=form.cleaned_data["key"],
            suspicions=form.suspicions(),
            assessment=form.cleaned_data["assessment"],
        )
        return redirect("leads:thanks")

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class Thanks(TemplateView):
    template_name = "leads/thanks.html"
