"""The living style page: every part of the public site, made of the site's own templates."""

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from articles import reading
from articles.models import Author, Revision, Series, Topic
from images.models import Image
from leads.intake.forms import InquiryForm
from prose import rendering

SCHEMES = ("light", "dark")
COLORS = (
    *("paper", "tint", "sand", "input", "line", "edge", "slate", "muted", "ink", "accent"),
    *("code-key", "code-text", "code-number", "code-name", "code-aside"),
)
STEPS = ("step-5", "step-4", "step-3", "step-2", "step-1", "text", "small")
NAMES = ("Quay", "North & Sons", "Jigsaw Systems 24/7", "The Quick Brown Foxes Company")


def style(request: HttpRequest) -> HttpResponse:
    """For staff: visitors are sent to sign in, other users get a 404.

    `?scheme=dark` or `light` overrules the system's wish.
    It stands below /admin/ since no other address learns who is asking.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if not (request.user.is_active and request.user.is_staff):
        raise Http404("Page not found.")
    latest = reading.teasers(Revision.objects.live().newest_first()[:4])
    scheme = request.GET.get("scheme", "")
    return render(
        request,
        "pages/style.html",
        {
            "scheme": scheme if scheme in SCHEMES else "",
            "schemes": SCHEMES,
            "colors": COLORS,
            "steps": STEPS,
            "names": NAMES,
            "body": _prose(),
            "latest": latest,
            "revision": latest[0] if latest else None,
            "part": _part(latest) if latest else None,
            "author": Author.objects.order_by("pk").first(),
            "topics": Topic.objects.all(),
            "middle_page": Paginator(range(30), 10).page(2),
            "refused_form": _refused_form(),
            "url": settings.SITE_URL,
        },
    )


def _part(latest: list[Revision]) -> reading.Part:
    series = Series(title="Ledgers from the ground up", slug="ledgers")
    return reading.Part(series, number=2, count=3, previous=latest[0], next=latest[-1])


def _prose() -> rendering.RenderedBody:
    """All that the editor can write, with a picture of the library where there is one."""
    pictures = Image.objects.order_by("-width", "pk").with_renditions()[:1]
    html = render_to_string("pages/style_prose.html", {"pictures": pictures})
    return rendering.render(html, pictures)


def _refused_form() -> InquiryForm:
    form = InquiryForm({"name": "Ada Byron", "email": "ada@", "message": ""})
    form.auto_id = "refused-%s"
    form.helper.form_id = "refused-form"
    form.helper.attrs = {}
    return form
