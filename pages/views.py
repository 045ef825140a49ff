from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
)
from django.template import loader
from django.views.generic import DetailView, TemplateView
from django.views.static import serve

from articles import reading
from articles.models import Revision
from articles.rendering import render
from pages.models import Page

LATEST = 5


class Home(TemplateView):
    template_name = "pages/home.html"

    def get_context_data(self, **kwargs):
        latest = reading.cards(Revision.objects.live().newest_first()[:LATEST])
        return super().get_context_data(latest=latest, **kwargs)


class Services(TemplateView):
    template_name = "pages/services.html"


class PageDetail(DetailView):
    model = Page
    context_object_name = "page"
    template_name = "pages/page.html"

    def get_context_data(self, **kwargs):
        body = render(self.object.body, self.object.pictures.with_renditions())
        return super().get_context_data(body=body, **kwargs)


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """An uploaded file. A name that no file system can hold is just one that is not there."""
    try:
        return serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except (OSError, ValueError) as error:
        raise Http404("There is no such file.") from error


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 400 page. It never reads the request: reading the form again would fail again."""
    return HttpResponseBadRequest(loader.get_template("400.html").render())
