from django.conf import settings
from django.urls import path, re_path
from django.views.generic import RedirectView

from pages import media, views
from pages.discovery import well_known

app_name = "pages"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("services/", views.Services.as_view(), name="services"),
    path("style/", RedirectView.as_view(pattern_name="admin:style"), name="style"),
    path("robots.txt", well_known.robots, name="robots"),
    path("sitemap.xml", well_known.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", well_known.sitemap_part, name="sitemap_part"),
    path("llms.txt", well_known.llms, name="llms"),
    path(".well-known/security.txt", well_known.security_txt, name="security_txt"),
    path("manifest.webmanifest", well_known.manifest, name="manifest"),
    path("favicon.ico", well_known.icon, {"name": "img/favicon.ico", "type": "image/x-icon"}),
    path(
        "apple-touch-icon.png",
        well_known.icon,
        {"name": "img/apple-touch-icon.png", "type": "image/png"},
    ),
    path("name-<slug:digest>.svg", well_known.wordmark, name="wordmark"),
    # Where people and programs look for a feed without reading the page.
    re_path(r"^(rss|feed)/?$|^(articles/)?(rss|feed|index)\.xml$", views.to_feed, {"form": "rss"}),
    re_path(r"^atom/?$|^(articles/)?atom\.xml$", views.to_feed, {"form": "atom"}),
    path("card-<slug:digest>.png", well_known.site_card, name="site_card"),
    path(
        "articles/<slug:slug>/card-<slug:digest>.png", well_known.article_card, name="article_card"
    ),
    path("<slug:slug>/", views.PageDetail.as_view(), name="page"),
]
if settings.SERVE_MEDIA:
    urlpatterns.append(path("media/<path:path>", media.stored, name="media"))
