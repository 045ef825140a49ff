"""Every address of the site, by app. `pages` comes last: /<page>/ would take the others' names."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.static import serve

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("articles/", include("articles.urls")),
    path("offices/", include("offices.urls")),
    path("contact/", include("leads.urls")),
]
if settings.SERVE_MEDIA:
    urlpatterns += [path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT})]
urlpatterns += [path("", include("pages.urls"))]

handler400 = "pages.views.bad_request"
