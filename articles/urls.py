from django.urls import path, re_path
from django.views.generic import RedirectView

from articles import views

app_name = "articles"
urlpatterns = [
    path("", views.ArticleList.as_view(), name="list"),
    path("search/", views.Search.as_view(), name="search"),
    path("feed/", views.feed, {"form": "rss"}, name="rss"),
    re_path(r"^rss/?$", RedirectView.as_view(pattern_name="articles:rss", permanent=True)),
    path("atom/", views.feed, {"form": "atom"}, name="atom"),
    path("feed.json", views.feed, {"form": "json"}, name="json_feed"),
    path("topics/", views.TopicIndex.as_view(), name="topics"),
    path("series/", views.SeriesIndex.as_view(), name="series_index"),
    path("authors/", views.AuthorIndex.as_view(), name="authors"),
    path("topics/<slug:slug>/atom/", views.feed, {"form": "atom"}, name="topic_atom"),
    path("topics/<slug:slug>/", views.TopicDetail.as_view(), name="topic"),
    path("series/<slug:slug>/", views.SeriesDetail.as_view(), name="series"),
    path("authors/<slug:slug>/", views.AuthorDetail.as_view(), name="author"),
    path("<slug:slug>.md", views.ArticleMarkdown.as_view(), name="markdown"),
    path("<slug:slug>/", views.ArticleDetail.as_view(), name="detail"),
]
