from django.conf import settings
from django.urls import path, re_path
from django.views.generic import RedirectView

from pages import found, health, views

app_name = "pages"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("services/", views.Services.as_view(), name="services"),
    path("style/", RedirectView.as_view(pattern_name="admin:style"), name="style"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("status", health.status, name="status"),
    path("robots.txt", found.robots, name="robots"),
    path("sitemap.xml", found.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", found.sitemap_part, name="sitemap_part"),
    path("llms.txt", found.llms, name="llms"),
    path(".well-known/security.txt", found.security_txt, name="security_txt"),
    path("manifest.webmanifest", found.manifest, name="manifest"),
    path("favicon.ico", found.icon, {"name": "img/favicon.ico", "type": "image/x-icon"}),
    path(
        "apple-touch-icon.png",
        found.icon,
        {"name": "img/apple-touch-icon.png", "type": "image/png"},
    ),
    path("name-<slug:digest>.svg", found.wordmark, name="wordmark"),
    # Where people and programs look for a feed without reading the page.
    re_path(r"^(rss|feed)/?$|^(articles/)?(rss|feed|index)\.xml$", views.to_feed, {"form": "rss"}),
    re_path(r"^atom/?$|^(articles/)?atom\.xml$", views.to_feed, {"form": "atom"}),
    path("card-<slug:digest>.png", found.site_card, name="site_card"),
    path("articles/<slug:slug>/card-<slug:digest>.png", found.article_card, name="article_card"),
    path("<slug:slug>/", views.PageDetail.as_view(), name="page"),
]
if settings.SERVE_MEDIA:
    urlpatterns.append(path("media/<path:path>", views.media, name="media"))
