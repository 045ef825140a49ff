"""The addresses of the screens of those who write."""

from typing import Any

from django.urls import URLPattern, path

from articles.lists import views


def urls(site: Any) -> list[URLPattern]:
    return [
        path("article-list/", site.admin_view(views.show), name="article_list"),
        path("article-list/<slug:name>/", site.admin_view(views.act), name="article_list_act"),
    ]
