from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse

from articles import desk_urls, finding, home, search_log, sitemap, trail, undoing
from articles.bounds import BOUNDED
from articles.checking import texts
from articles.models import Article, Author, FormerSlug, Revision, Series, Topic
from web.contributions import ADMINISTRATOR, AUTHOR, EVERYTHING, PUBLISHER, Contribution, Menu
from web.personal import Named, Personal
from web.public import Place, Rows, Section, Shown
from web.screens import WRITING, Action, Screen
from web.undeletable import differs

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
        # One that was never published has a new address with each change of its title.
        Shown("articles.Article", only_when="NOT {row}.address_follows_title"),
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
        "articles.DraftState",
        "articles.HistoryLine",
        "articles.ListedArticle",
        "articles.PrivateName",
        "articles.Review",
        "articles.RevisionPicture",  # written with the revision that they belong to
        "articles.RevisionText",
        "articles.SearchCount",
        "articles.SearchWord",
        "articles.Verdict",
    ),
    moments=lambda: [
        (Revision.objects.filter(live_from__isnull=False), "live_from"),
        (Article.objects.filter(unpublished_at__isnull=False), "unpublished_at"),
        (Article.objects.filter(retired_at__isnull=False), "retired_at"),
    ],
    # What readers saw stays, and so does the history of it. An article goes with its revisions and
    # its history or not at all.
    never_deleted={
        "articles_article": "OLD.unpublished_at IS NOT NULL OR OLD.retired_at IS NOT NULL",
        "articles_revision": "OLD.live_from <= {now}",
        "articles_historyline": """
            EXISTS (
                SELECT 1 FROM articles_article seen WHERE seen.id = OLD.article_id
                AND (seen.unpublished_at IS NOT NULL OR seen.retired_at IS NOT NULL)
            ) OR EXISTS (
                SELECT 1 FROM articles_revision seen WHERE seen.article_id = OLD.article_id
                AND seen.live_from <= {now}
            )""",
    },
    never_changed={
        "articles_historyline": differs(
            [
                *("id", "article_id", "revision_id", "kind", "at", "by_name", "goes_live_at"),
                *("text", "checks", "before", "undoes_id"),
            ],
            but_forgets=["by_id", "act_id"],
        )
    },
    navigation=(
        Menu(
            "Writing",
            (
                "articles.Article",
                "articles.Topic",
                "articles.Series",
                "articles.Author",
                "articles.SearchCount",
                "articles.PrivateName",
            ),
            position=20,
        ),
    ),
    screens=(
        Screen(
            "Write",
            "admin:articles_article_add",
            group=WRITING,
            position=20,
            permissions=("articles.add_article",),
        ),
        Screen("Articles", group=WRITING, position=21),
        Screen(
            "Articles",
            "admin:article_list",
            group="Articles",
            position=1,
            permissions=("articles.view_article",),
            covers=(
                "articles.Article",
                "admin:article_list_act",
                "admin:articles_article_history",
                "admin:articles_article_publish",
                "admin:articles_article_review",
                "admin:articles_article_send_back",
            ),
            words="drafts review scheduled live unpublished retired planned",
        ),
        *(
            Screen(
                name,
                f"admin:articles_{model.lower()}_changelist",
                group="Articles",
                position=position,
                permissions=(f"articles.view_{model.lower()}",),
                covers=(f"articles.{model}",),
            )
            for position, (name, model) in enumerate(
                [
                    ("Topics", "Topic"),
                    ("Series", "Series"),
                    ("Authors", "Author"),
                    ("Searches", "SearchCount"),
                    ("Private names", "PrivateName"),
                ],
                start=2,
            )
        ),
    ),
    actions=(
        Action(
            "Write an article",
            "admin:articles_article_add",
            ("articles.add_article",),
            words="new add create post draft",
        ),
        Action("Add a topic", "admin:articles_topic_add", ("articles.add_topic",), words="new"),
        Action("Add an author", "admin:articles_author_add", ("articles.add_author",), words="new"),
    ),
    undo=undoing.undo,
    finds=finding.finds,
    linked=(finding.LINKED,),
    check_texts=texts.check_texts,
    home=home.cards,
    home_lists=home.lists,
    home_parts=home.parts,
    admin_urls=desk_urls.urls,
    headline=home.headline,
    needs_second_factor=("articles.publish_article",),
    rights={
        # Writes and submits for review, but changes nothing that visitors read.
        AUTHOR: {
            "article": "add change view",
            "topic": "view",
            "author": "view",
            "searchcount": "view",
        },
        PUBLISHER: {
            "article": f"{EVERYTHING} publish",
            "topic": EVERYTHING,
            "author": EVERYTHING,
            "series": EVERYTHING,
            "searchcount": "view",
        },
        # The list itself is for nobody else, nor is the say over what may be published of it.
        ADMINISTRATOR: {"privatename": f"{EVERYTHING} clear"},
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
        "articles.DraftState",
        "articles.FormerSlug",
        "articles.HistoryLine",
        "articles.ListedArticle",
        "articles.MoreArticle",
        "articles.PrivateName",
        "articles.Review",
        "articles.Revision",
        "articles.RevisionPicture",
        "articles.RevisionText",
        "articles.SearchWord",
        "articles.Series",
        "articles.Topic",
        "articles.Verdict",
    ),
    retention=(search_log.RULE, trail.RULE),
    demo="articles.demo.part",
    bounded=BOUNDED,
)
