from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse

from articles import search_log, sitemap
from articles.models import Article, Author, FormerSlug, Revision, Series, Topic
from web.contributions import (
    AUTHOR,
    EVERYTHING,
    PUBLISHER,
    Contribution,
    HomeCard,
    Menu,
    Place,
    Rows,
    Section,
    Shown,
)
from web.personal import Named, Personal

# A list of everything helps no reader: the feed and the site map have the older ones.
MAX_IN_LLMS_TXT = 200


def llms() -> Iterator[Section]:
    live = Revision.objects.live().newest_first().select_related("article").defer("body")
    lines = [
        (revision.title, revision.article.get_markdown_url(), revision.summary)
        for revision in live[:MAX_IN_LLMS_TXT]
    ]
    if lines:
        yield Section("Articles", lines, position=10)
    indexes = [
        ("Topics", reverse("articles:topics"), "what the articles are about"),
        ("Series", reverse("articles:series_index"), "articles that belong together"),
        ("Authors", reverse("articles:authors"), "who wrote them"),
        ("Latest articles as a feed", reverse("articles:atom"), "Atom, with full text"),
    ]
    yield Section("Optional", indexes, position=91)


def home(request: HttpRequest) -> Iterator[HomeCard]:
    if not request.user.has_perm("articles.view_article"):
        return
    articles = reverse("admin:articles_article_changelist")
    drafts = Revision.objects.drafts()
    in_review = drafts.filter(state=Revision.State.IN_REVIEW).count()
    waiting = f"article{pluralize(in_review)} in review"
    yield HomeCard(in_review, waiting, f"{articles}?status=in_review")
    count = drafts.count()
    yield HomeCard(count, f"draft{pluralize(count)} in progress", f"{articles}?status=draft")
    count = Revision.objects.scheduled().count()
    yield HomeCard(count, f"scheduled revision{pluralize(count)}", f"{articles}?status=scheduled")


def authors_named(person: Named) -> QuerySet[Author]:
    rows = Author.objects.values_list("pk", "name")
    return Author.objects.filter(pk__in=[pk for pk, name in rows if person.is_named_in(name)])


contribution = Contribution(
    places=(
        Place("articles:list", "Articles"),
        Place("articles:topics", "Topics"),
        Place("articles:series_index", "Series"),
        Place("articles:authors", "Authors"),
    ),
    no_pages=(
        "articles:atom",
        "articles:json_feed",
        "articles:markdown",
        "articles:rss",
        "articles:search",
    ),
    rows=(
        Rows(
            "articles:detail",
            Revision.objects.live,
            slug="article__slug",
            about=None,  # articles have a search of their own
            is_large=True,
        ),
        Rows(
            "articles:detail",
            lambda: FormerSlug.objects.filter(article__in=Article.objects.live()),
            title="slug",
            about=None,
            is_suggested=False,
        ),
        Rows(
            "articles:topic",
            Topic.objects.all,
            title="name",
            kind="Topic",
            table="articles_topic",
            also=("articles:topic_atom",),
        ),
        Rows("articles:series", Series.objects.all, kind="Series", table="articles_series"),
        Rows(
            "articles:author",
            Author.objects.all,
            title="name",
            kind="Author",
            about=lambda author: author.job_title,
            table="articles_author",
        ),
    ),
    site_map=sitemap.addresses,
    llms=llms,
    ids="text|contents|count|more|series",
    one_visitors="/articles/search/",  # who searches may be told of a typo
    shown=(
        "articles.Article",
        "articles.Article_topics",
        "articles.Author",
        "articles.Byline",
        "articles.FormerSlug",
        "articles.MoreArticle",
        "articles.Series",
        "articles.Topic",
        # A draft changes with each save.
        Shown("articles.Revision", only_when="{row}.state = 'published'"),
    ),
    not_shown=(
        "articles.RevisionPicture",  # written with the revision that they belong to
        "articles.RevisionText",
        "articles.SearchCount",
        "articles.SearchWord",
    ),
    moments=lambda: [
        (Revision.objects.filter(live_from__isnull=False), "live_from"),
        (Article.objects.filter(retired_at__isnull=False), "retired_at"),
    ],
    # What readers saw is unpublished. An article goes with its revisions or not at all.
    never_deleted={"articles_revision": "OLD.live_from <= {now}"},
    navigation=(
        Menu(
            "Writing",
            (
                "articles.Article",
                "articles.Topic",
                "articles.Series",
                "articles.Author",
                "articles.SearchCount",
            ),
            position=20,
        ),
    ),
    home=home,
    rights={
        # Writes and submits for review, but changes nothing that visitors read.
        AUTHOR: {"article": "add change view", "topic": "view", "author": "view"},
        PUBLISHER: {
            "article": f"{EVERYTHING} publish",
            "topic": EVERYTHING,
            "author": EVERYTHING,
            "series": EVERYTHING,
            "searchcount": "view",
        },
    },
    personal=(
        Personal(
            "articles.Author",
            "Authors",
            "Authors sign what they publish. Publishers edit and remove them.",
            authors_named,
            stays=True,
        ),
        Personal(
            "articles.SearchCount",
            "Searches and missing pages",
            "A search on the site names them.",
            search_log.naming,
            called=("search", "searches"),
        ),
    ),
    impersonal=(
        "articles.Article",
        "articles.Article_topics",
        "articles.Byline",
        "articles.FormerSlug",
        "articles.MoreArticle",
        "articles.Revision",
        "articles.RevisionPicture",
        "articles.RevisionText",
        "articles.SearchWord",
        "articles.Series",
        "articles.Topic",
    ),
    demo="articles.demo.part",
)
