from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import DetailView, ListView

from offices.models import Office, OfficeQuerySet


class OfficeList(ListView[Office]):
    template_name = "offices/list.html"
    context_object_name = "offices"

    def get_queryset(self) -> OfficeQuerySet:
        return Office.objects.listed().in_order().with_images()


class OfficeDetail(DetailView[Office]):
    template_name = "offices/detail.html"
    context_object_name = "office"

    def get_queryset(self) -> OfficeQuerySet:
        return Office.objects.ever_listed().with_images()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; or, where visitors once found an office, that it is not there any more."""
        self.object = self.get_object()
        if not self.object.is_listed:
            return render(request, "offices/gone.html", status=410)
        return self.render_to_response(self.get_context_data(object=self.object))
