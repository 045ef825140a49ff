"""Every address of the site, by app. `pages` comes last: /<page>/ would take the others' names."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("articles/search/", include("pages.search")),  # articles:search, over all that there is
    path("articles/", include("articles.urls")),
    path("offices/", include("offices.urls")),
    path("readiness/", include("readiness.urls")),
    path("contact/", include("leads.urls")),
    path("privacy/request/", include("privacy.urls")),
    path("", include("web.urls")),
    path("", include("pages.urls")),
]

handler400 = "pages.views.bad_request"
handler404 = "pages.views.page_not_found"
handler500 = "pages.views.server_error"
