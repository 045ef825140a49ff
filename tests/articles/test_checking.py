"""What is checked before readers get a text, each check in both directions."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.roles import PUBLISHER
from articles import fixing, publishing, undoing
from articles.checking.findings import Kind
from articles.checking.passages import Body
from articles.checking.revisions import check
from articles.checking.secrets import secrets_in
from articles.models import Article, HistoryLine
from redirects.models import Redirect
from tests.builders import article, author, image, page, revision, signed_in, topic, user
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


def draft(body="<p>Words</p>", **text):
    return article(live_from=None, text={"body": body} | text)


def found(of, kind):
    return [one for one in check(of.draft()).findings if one.kind is kind]


def kinds(of):
    return {one.kind for one in check(of.draft()).findings}


def test_a_plain_article_is_fine():
    checked = check(draft().draft())

    assert checked.findings == ()
    assert checked.fine == len(Kind)


# What blocks


def test_an_article_without_author_title_summary_or_text_names_each_place():
    empty = article(live_from=None, authors=[], text={"title": "", "summary": "", "body": ""})

    places = [(one.kind, one.place.field) for one in check(empty.draft()).blocking]

    assert places == [
        (Kind.TITLE, "title"),
        (Kind.SUMMARY, "summary"),
        (Kind.TEXT, "body"),
        (Kind.AUTHOR, "bylines"),
    ]


def test_a_picture_whose_description_is_a_file_name_blocks_and_is_named_by_its_place():
    good, bad = image(), image(alt="IMG_2041.jpg")
    shown = draft(
        f'<p>Words</p><img src="/a" data-file="{good.pk}"><img src="/b" data-file="{bad.pk}">'
    )

    [one] = found(shown, Kind.DESCRIPTION)

    assert (one.is_blocking, one.place.tag, one.place.nth) == (True, "img", 1)
    assert one.place.go == "Go to the picture"


@pytest.mark.parametrize(
    "href",
    [
        "/nowhere/at/all/",
        "/articles/never-was/",
        "/admin/articles/article/",
        f"{settings.SITE_URL}/never/was/here/",
        f"{settings.SITE_URL.upper()}/never/was/here/",
        settings.SITE_URL.replace("https:", "http:") + "/never/was/here/",
        "/articles/topics/never-was/",
    ],
)
def test_a_link_to_an_own_address_that_nothing_answers_blocks(href):
    [one] = found(draft(f'<p><a href="/contact/">a</a> <a href="{href}">there</a></p>'), Kind.LINK)

    assert one.is_blocking
    assert "“there”" in one.sentence
    assert (one.place.tag, one.place.nth, one.place.quote) == ("a", 1, "there")


def test_links_that_lead_somewhere_are_fine():
    live, about = article(slug="live"), page(slug="about-us")
    live.slug = "moved"
    live.save()
    Redirect.objects.create(path="/old", target="/contact/", target_path="/contact")
    subject = topic(slug="queues")
    hrefs = [
        "/",
        "/contact/",
        "/contact",
        "/articles/live/",  # the address it had before
        "/articles/moved/?utm_source=x#part",
        f"{settings.SITE_URL}/articles/moved/",
        settings.SITE_URL,
        about.get_absolute_url(),
        subject.get_absolute_url(),
        "/old/",
        "/media/paper.pdf",
        "#below",
        "https://example.com/",
        "mailto:me@example.com",
    ]
    body = "".join(f'<p><a href="{href}">words</a></p>' for href in hrefs)

    assert not kinds(draft(body)) & {Kind.LINK, Kind.DRAFT_LINK}


def test_a_link_by_number_blocks_when_its_article_is_gone_and_warns_when_it_is_a_draft():
    live, written = article(), article(live_from=None)
    planned = article(live_from=timedelta(days=3))
    retired = article()
    publishing.retire(retired, at=timezone.now())
    numbers = [live.pk, written.pk, planned.pk, retired.pk, 999_999]
    links = [f'<a data-page="article:{number}" href="/x/">to {number}</a>' for number in numbers]
    linking = draft(f"<p>{' '.join(links)}</p>").draft()

    said = {one.place.nth: one for one in check(linking).findings}

    assert {nth: one.is_blocking for nth, one in said.items()} == {
        1: False,
        2: False,
        3: True,
        4: True,
    }
    assert "It goes live on" in said[2].sentence
    assert "retired" in said[3].sentence
    assert "deleted" in said[4].sentence
    # By then it is live.
    later = {one.place.nth for one in check(linking, at=timezone.now() + timedelta(4)).findings}
    assert later == {1, 3, 4}


def test_a_link_by_number_to_a_page_blocks_when_that_is_gone():
    about = page(slug="about-us")
    there = f'<a data-page="page:{about.pk}" href="/x/">a</a>'
    gone = '<a data-page="page:999999" href="/x/">b</a>'

    [one] = found(draft(f"<p>{there} {gone}</p>"), Kind.LINK)

    assert "“b” leads to a page that is gone" in one.sentence


SECRETS = [
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----",
    "AKIA" + "QWERTYUIOPASDFG7",
    "ghp_" + "a1B2c3D4e5" * 4,
    "github_pat_" + "11ABCDE0Y0aBcDeFgHiJkL_m" * 2,
    "glpat-" + "x9Yz8Wv7Ut6Sr5Qp4On3",
    "xoxb-" + "2345678901-abcdefGHIJKL",
    "sk_live_" + "51HxYzAbCdEfGh23",
    "postgres://app:s3cr3tpw9@db.example/app",
    'password = "hunter2!"',
    "DB_PASSWORD=S3cretZ!9",
    "api_key: 8f3b2c9d7e1a4f60b1c2d3e4",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
]
NO_SECRETS = [
    "-----BEGIN PUBLIC KEY-----",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "postgres://user:password@host/db",
    "postgres://app:${DB_PASSWORD}@host/db",
    'password = os.environ["DB_PASSWORD"]',
    "password: ${DB_PASSWORD}",
    'password = "your-password-here"',
    '"password": "string"',
    "The password: it must be long, and 3 of 4 teams reuse it.",
    "token = token_for(user)",
    "self.tokens = min(self.tokens + self.ratio, self.reserve)",
    "secret_key = get_random_secret_key()",
    "token: 2024-11-12T09:12",
    "Token=v1.2.3-alpha",
    "pwd: /home/ada/2024",
    "The secret: 3 layers, each of which tries 3 times.",
    "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA=",
    "550e8400-e29b-41d4-a716-446655440000",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_found_in_code_and_in_words(text):
    for body in (f"<pre><code>{text}</code></pre>", f"<p>We had {text} there.</p>"):
        [one] = found(draft(body), Kind.SECRET)
        assert one.is_blocking
        assert text not in one.sentence, "what is secret is not repeated"


@pytest.mark.parametrize("text", NO_SECRETS)
def test_what_only_looks_like_a_secret_is_left_alone(text):
    assert list(secrets_in(text)) == []


def test_a_secret_split_by_a_tag_or_by_letters_that_nobody_sees_is_found():
    token = "ghp_" + "a1B2c3D4e5" * 4
    bold, soft = f"{token[:9]}<strong>{token[9:]}</strong>", f"{token[:9]}\u00ad{token[9:]}"

    assert len(found(draft(f"<p>{bold} and {soft}</p>"), Kind.SECRET)) == 2


# What warns

LONG = "word " * 31 + "end."
WARNED = [
    (Kind.HEADING, {"body": "<h3>Small</h3><p>x</p>"}, {"body": "<h2>Large</h2><h3>Small</h3>"}),
    (Kind.LONG_SENTENCE, {"summary": LONG}, {"summary": "w " * 20 + "x. " + "w " * 20 + "x."}),
    (
        Kind.LINK_TEXT,
        {"body": '<p><a href="/contact/">Click here</a></p>'},
        {"body": '<p><a href="/contact/">Write to us here</a></p>'},
    ),
    (
        Kind.LINK_TEXT,
        {"body": '<p><a href="https://example.com/a">https://example.com/a</a></p>'},
        {"body": '<p><a href="https://example.com/a">their report</a></p>'},
    ),
    (
        Kind.LANGUAGE,
        {"body": "<pre><code>x = 1</code></pre>"},
        {"body": '<pre><code class="language-python">x = 1</code></pre>'},
    ),
    (
        Kind.FOREIGN_PICTURE,
        {"body": '<p>x</p><img src="https://example.com/a.png">'},
        {"body": "<p>x</p>"},
    ),
    (Kind.LENGTH, {"title": "T" * 66}, {"title": "T" * 66, "seo_title": "T"}),
    (Kind.LENGTH, {"summary": "S" * 161}, {"summary": "S" * 161, "seo_description": "S"}),
    (
        Kind.DRAFT_LINK,
        {"body": '<p><a href="/articles/written/">words</a></p>'},
        {"body": '<p><a href="/articles/">words</a></p>'},
    ),
]


@pytest.mark.parametrize(("kind", "wrong", "right"), WARNED)
def test_what_an_editor_would_look_at_again_is_said_and_goes_live_all_the_same(kind, wrong, right):
    article(slug="written", live_from=None)
    warned, fine = draft(**wrong), draft(**right)

    assert kinds(warned) == {kind}
    assert kinds(fine) == set()
    publishing.publish(warned, at=timezone.now())
    assert warned.live_revision()
    [line] = warned.history_lines.all()
    assert [one["kind"] for one in line.checks["stood"]] == [kind]


# Where it stands


def test_words_are_found_again_by_how_often_they_stood_before():
    body = Body("<p>one two</p><p>two <em>tw</em>o<br>two</p><pre><code>two</code></pre>")

    places = [
        passage.place(start, start + 3)
        for passage in body.passages
        for start in range(len(passage.text))
        if passage.text.startswith("two", start)
    ]

    assert [(one.quote, one.nth) for one in places] == [("two", nth) for nth in range(5)]


# The one door

# What gives a revision its hour, and what says that it has passed.
GIVES_AN_HOUR = re.compile(r"\.live_from\s*=[^=]|update\([^)]*\blive_from=")
SAYS_PASSED = re.compile(r"\bPassed\(")


def test_there_is_one_way_to_readers_and_one_to_it():
    folder = settings.BASE_DIR / "articles"
    texts = {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*.py")
        if "migrations" not in path.parts
    }

    assert {name for name, text in texts.items() if GIVES_AN_HOUR.search(text)} == {"moving.py"}
    assert {name for name, text in texts.items() if SAYS_PASSED.search(text)} == {
        "checking/revisions.py"
    }


@pytest.mark.parametrize("wait", [timedelta(0), timedelta(days=1)], ids=["now", "later"])
def test_what_blocks_keeps_a_draft_from_going_live_and_from_being_scheduled(wait):
    blocked = draft("<p>-----BEGIN PRIVATE KEY-----</p>")

    with pytest.raises(ValidationError, match="looks like a key"):
        publishing.publish(blocked, at=timezone.now() + wait)

    assert not blocked.revisions.published().exists()


def test_scheduling_many_leaves_the_blocked_one_out_and_says_why():
    good, blocked = draft(title="Good"), draft("<p>-----BEGIN PRIVATE KEY-----</p>", title="Bad")
    client = signed_in(PUBLISHER)
    day = timezone.localdate() + timedelta(days=2)

    answer = client.post(
        "/admin/article-list/schedule/",
        {
            "row": [good.pk, blocked.pk],
            "schedule-moment_0": day.isoformat(),
            "schedule-moment_1": "09:00",
        },
        follow=True,
    )

    assert "Bad: “" in answer.text and "looks like a key" in answer.text
    assert good.scheduled_revision() and not blocked.scheduled_revision()


def test_a_fix_of_the_live_text_passes_the_same_checks():
    live = article(text={"body": "<p>Words</p>"})
    text = {"body": '<p><a href="/nowhere/at/all/">there</a></p>'}

    with pytest.raises(ValidationError, match="nothing answers"):
        fixing.fix_live(live, text=text, of=live.live_revision(), at=timezone.now(), by=None)

    fixing.fix_live(
        live, text={"body": "<p>Wards</p>"}, of=live.live_revision(), at=timezone.now(), by=None
    )
    assert HistoryLine.objects.filter(article=live).first().checks["stood"] == []


def test_a_schedule_that_undo_brings_back_is_checked_again():
    ada = user(role=PUBLISHER)
    other = article()
    planned = draft(f'<p><a href="{other.get_absolute_url()}">words</a></p>')
    publishing.publish(planned, at=timezone.now() + timedelta(days=1))
    [scheduled] = planned.revisions.scheduled()
    publishing.unschedule(scheduled, by=ada)
    publishing.retire(other, at=timezone.now())

    with pytest.raises(ValidationError, match="is retired"):
        undoing._schedule_again(planned, planned.history_lines.first())


def test_a_page_says_what_its_text_lacks_and_is_saved():
    client = signed_in(PUBLISHER)
    about = page(slug="about-us")

    url = f"/admin/pages/page/{about.pk}/change/"
    form = filled_in(
        client.get(url), "page_form", "_save", body='<p><a href="/contact/">here</a></p>'
    )
    answer = client.post(url, form, follow=True)

    assert "does not say where the link leads" in answer.text
    about.refresh_from_db()
    assert "here" in about.body


def test_the_checks_ask_the_same_number_of_questions_however_long_the_text(
    django_assert_max_num_queries,
):
    others = [article() for _ in range(5)]
    pictures = [image() for _ in range(3)]
    few = draft(f'<p><a href="{others[0].get_absolute_url()}">words</a></p>')
    many = draft(
        "".join(f'<p><a href="{one.get_absolute_url()}">words</a></p>' for one in others)
        + "".join(f'<img src="/x" data-file="{one.pk}">' for one in pictures)
        + "<p>More words</p>" * 200
    )
    for one in (few, many):
        revision_ = one.draft()
        with django_assert_max_num_queries(6):
            check(revision_)


def test_the_author_is_looked_for_in_the_table():
    unsigned = article(live_from=None, authors=[])
    revision(unsigned, title="Other")
    assert Kind.AUTHOR in kinds(unsigned)

    unsigned.bylines.create(author=author(), position=0)

    assert Kind.AUTHOR not in kinds(Article.objects.get(pk=unsigned.pk))
