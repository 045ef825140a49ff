"""Old addresses and where they lead: for readers, for staff, and in files."""

import csv
import io

import lxml.html
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from articles import publishing
from desk import spreadsheets
from redirects import files, plans
from redirects.models import Redirect
from redirects.paths import MAX_PATH_LENGTH, as_typed, normal_path, normal_target, with_query
from tests.builders import article, page, signed_in
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

ADD = reverse("admin:redirects_redirect_add")
LIST = reverse("admin:redirects_redirect_changelist")
IMPORT = reverse("admin:redirects_redirect_import")
EXPORT = reverse("admin:redirects_redirect_export")


@pytest.fixture
def publisher():
    return signed_in(PUBLISHER)


def lead(path, target, **fields):
    return Redirect.objects.create(path=path, target=target, **fields)


def led(client, address, **options):
    """The status of the answer, and where it leads."""
    answer = client.get(address, **options)
    return answer.status_code, answer.headers.get("Location")


def table():
    return dict(Redirect.objects.values_list("path", "target"))


# For readers


@pytest.mark.parametrize("asked", ["/blog/old", "/blog/old/?utm_source=x"])
def test_an_old_address_leads_on_with_or_without_its_last_slash(client, asked):
    lead("/blog/old", "/articles/?page=1")

    assert led(client, asked) == (301, "/articles/?page=1")


def test_an_old_address_at_the_root_leads_on_as_well(client):
    lead("/imprint", "/about/")

    assert led(client, "/imprint/") == (301, "/about/")
    assert led(client, "/imprint") == (301, "/imprint/")  # Django's own step comes first


def test_one_that_is_not_for_good_says_so_and_is_kept_by_nobody(client):
    lead("/sale/now", "/services/", is_permanent=False)

    answer = client.get("/sale/now")

    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "no-store"


def test_one_that_is_for_good_is_still_asked_about_at_each_use(client):
    """Otherwise a browser that saw a wrong one would never ask again."""
    lead("/blog/old", "/articles/")

    assert client.get("/blog/old").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("target", "asked", "location"),
    [
        ("/articles/", "/blog/old?page=2&q=a%20b", "/articles/?page=2&q=a%20b"),
        ("/articles/?page=1", "/blog/old?page=2", "/articles/?page=1"),
        ("/articles/#top", "/blog/old?page=2", "/articles/?page=2#top"),
        ("https://example.com/a", "/blog/old?b", "https://example.com/a?b"),
        ("/articles/", "/blog/old?" + "x" * 20_000, "/articles/"),
    ],
    ids=lambda text: text[:24],
)
def test_the_question_goes_along_unless_the_target_has_its_own(client, target, asked, location):
    lead("/blog/old", target)

    assert led(client, asked)[1] == location


def test_a_redirect_never_hides_what_answers(client):
    about, live = page(slug="about"), article()
    for found in (about, live):
        lead(found.get_absolute_url().rstrip("/"), "/contact/")
    lead("/services", "/contact/")

    assert led(client, "/about/") == (200, None)
    assert led(client, "/about") == (301, "/about/")
    assert led(client, live.get_absolute_url()) == (200, None)
    assert led(client, "/services/") == (200, None)


def test_an_article_that_is_not_there_leads_on(client):
    lead("/articles/on-queues", "/articles/")

    assert led(client, "/articles/on-queues/") == (301, "/articles/")


def test_a_retired_article_is_gone_and_not_moved(client):
    unpublished = article()
    publishing.retire(unpublished, at=timezone.now())
    lead(unpublished.get_absolute_url().rstrip("/"), "/articles/")

    assert led(client, unpublished.get_absolute_url()) == (410, None)


def test_letters_are_as_they_are(client):
    lead("/Blog/Käse", "/articles/")

    assert led(client, "/Blog/K%C3%A4se/")[0] == 301
    assert led(client, "/blog/k%C3%A4se/")[0] == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_only_who_reads_is_led_on(client, method):
    lead("/blog/old", "/articles/")

    assert getattr(client, method)("/blog/old").status_code == 404


def test_a_head_is_led_on_too(client):
    lead("/blog/old", "/articles/")

    assert client.head("/blog/old").status_code == 301


def test_no_request_says_where_to_go(client):
    """Targets come from the table alone."""
    lead("/blog/old", "/articles/")

    for asked in (
        "/blog/old?next=https://evil.example",
        "/blog/old//evil.example",
        "//evil.example",
    ):
        assert "evil.example" not in (led(client, asked)[1] or "").partition("?")[0]


def test_every_use_is_counted(client):
    row = lead("/blog/old", "/articles/")

    client.get("/blog/old")
    client.get("/blog/old/")

    row.refresh_from_db()
    assert row.hits == 2
    assert row.last_hit_at


# There is never …


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("//old", "/a/"),
        ("/old/", "/a/"),
        ("/", "/a/"),
        ("/old#a", "/a/"),
        ("/admin", "/a/"),
        ("/old", "a/"),
        ("/old", "//evil.example/"),
        ("/old", "http://example.com/"),
        ("/old", ""),
        ("/old", "/old/"),
        ("/old", "/old?a=b"),
        ("/old", "/%6Fld"),
    ],
)
def test_there_is_never_a_redirect_from_or_to_nowhere(path, target):
    with pytest.raises(IntegrityError), transaction.atomic():
        lead(path, target)


QUERIES = {
    "/index.php?page_id=5": "/services/",
    "/index.php?page_id=7": "/offices/",
    "/index.php": "/",
    "/?p=123": "/articles/",
    "/?cat=2&paged=3": "/articles/topics/",
}


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("/index.php?page_id=5", "/services/"),
        ("/index.php/?page_id=7", "/offices/"),
        ("/index.php?page_id=5&utm_source=mail", "/services/?utm_source=mail"),
        ("/index.php?page_id=9", "/?page_id=9"),
        ("/?p=123&fbclid=x", "/articles/?fbclid=x"),
        ("/?paged=3&cat=2", "/articles/topics/"),
    ],
)
def test_addresses_may_differ_by_query_alone(client, asked, target):
    for path, leads_to in QUERIES.items():
        lead(path, leads_to)

    assert led(client, asked) == (301, target)


@pytest.mark.parametrize("asked", ["/", "/?p=124", "/?cat=2"])
def test_the_home_page_answers_for_every_other_query(client, asked):
    for path, leads_to in QUERIES.items():
        lead(path, leads_to)

    assert client.get(asked).status_code == 200


def test_no_copy_of_the_home_page_is_kept_for_a_query_that_leads_nowhere(client):
    lead("/?p=123", "/articles/")

    plain, other = client.get("/?utm_source=mail"), client.get("/?p=124")

    assert plain.headers["No-Vary-Search"] == 'params, except=("p")'
    assert "public" in plain.headers["Cache-Control"]
    assert "no-store" in other.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("/a?x=1", "/b"), ("/b", "/c/")),
        (("/a", "/b?x=1"), ("/b?x=1", "/c/")),
        (("/a", "/b?x=1"), ("/b", "/c/")),
        (("/a", "/b/?y=2&x=1&utm_source=m"), ("/b?x=1&y=2", "/c/")),
        (("/a?x=1", "/?p=1"), ("/?p=1", "/c/")),
    ],
)
@pytest.mark.parametrize("is_turned", [False, True])
def test_no_redirect_ever_leads_to_another_by_way_of_its_query(first, second, is_turned):
    one, other = (second, first) if is_turned else (first, second)
    lead(*one)

    with pytest.raises(IntegrityError), transaction.atomic():
        lead(*other)


@pytest.mark.parametrize(
    ("path", "target"), [("/a", "/a?x=1"), ("/a?x=1", "/a?x=1"), ("/a?x=1", "/a/?utm_term=m&x=1")]
)
def test_no_redirect_ever_leads_to_itself_by_way_of_its_query(path, target):
    with pytest.raises(IntegrityError), transaction.atomic():
        lead(path, target)


def test_the_same_path_with_and_without_a_query_may_lead_to_each_other(client):
    lead("/a?x=1", "/b/")
    lead("/c", "/a?x=2")

    assert led(client, "/c/") == (301, "/a?x=2")


def test_a_file_that_names_its_separator_is_read():
    for text in [
        "sep=;\npath;target\n/a?x=1;/b/\n",
        'sep=,\r\npath,target\r\n"/a?x=1",/b/\r\n',
        "sep=\t\npath\ttarget\n/a?x=1\t/b/\n",
        '"sep=;"\npath;target\n/a?x=1;/b/\n',
    ]:
        reading = files.read(text)

        assert not reading.problems
        assert [(one.path, one.target) for one in reading.redirects] == [("/a?x=1", "/b/")]


@pytest.mark.parametrize("kind", ["0", "1"], ids=["csv", "xlsx"])
def test_what_is_exported_is_read_back_with_its_queries(publisher, kind):
    for path, leads_to in QUERIES.items():
        lead(path, leads_to)

    reading = files.read(files.decode(export(publisher, kind=kind).getvalue()))

    assert not reading.problems
    assert {one.path: one.target for one in reading.redirects} == QUERIES


def test_an_address_never_leads_to_two():
    lead("/old", "/a/")

    with pytest.raises(IntegrityError), transaction.atomic():
        lead("/old", "/b/")


@pytest.mark.parametrize(
    ("path", "target"),
    [("/b", "/c/"), ("/z", "/a?x=y#z"), ("/z", "/%61")],
)
def test_a_redirect_never_leads_to_another(path, target):
    lead("/a", "/b/")

    with pytest.raises(IntegrityError), transaction.atomic():
        lead(path, target)


@pytest.mark.parametrize(("path", "target"), [("/c", "/a/"), ("/b", "/d/")])
def test_a_redirect_never_comes_to_lead_to_another(path, target):
    lead("/a", "/b/")
    other = lead("/c", "/d/")
    other.path, other.target = path, target

    with pytest.raises(IntegrityError), transaction.atomic():
        other.save()


def test_a_target_never_goes_without_what_it_is_compared_by():
    row = lead("/a", "/b/")

    for wrong in ({"target_path": ""}, {"target": "https://example.com/"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Redirect.objects.filter(pk=row.pk).update(**wrong)


# Addresses in one form


def is_refused(function, typed):
    try:
        function(typed)
    except ValidationError:
        return True
    return False


KEPT_AS = dict(
    [
        ("/old", "/old"),
        ("/old/", "/old"),
        ("/old///", "/old"),
        ("  /old  ", "/old"),
        ("/Old/Page.HTML", "/Old/Page.HTML"),
        ("/old?page=2", "/old?page=2"),
        ("/old/?b=2&a=1#part", "/old?a=1&b=2"),
        ("/old?utm_source=x&fbclid=1", "/old"),
        ("/old?a=1&utm_medium=mail", "/old?a=1"),
        ("/old?q=caf%C3%A9+au%20lait", "/old?q=caf%C3%A9+au+lait"),
        ("/?p=123", "/?p=123"),
        ("http://testserver?p=123", "/?p=123"),
        ("/old/#part", "/old"),
        ("/caf%C3%A9", "/café"),
        ("/café", "/café"),
        ("/a%20b", "/a b"),
        ("/100%", "/100%"),
        ("/100%25", "/100%"),
        ("/a%252Fb", "/a%2Fb"),
        ("http://testserver/old/", "/old"),
        ("HTTP://TESTSERVER/old?x", "/old?x="),
    ]
)


def test_an_old_path_is_kept_in_one_form():
    assert {typed: normal_path(typed) for typed in KEPT_AS} == KEPT_AS
    assert [path for path in KEPT_AS.values() if normal_path(as_typed(path)) != path] == []


NO_PATHS = [
    "", "old", "//old", "/", "//",
    "/?utm_source=a", "/old?a=%ff", "/old?a=%00",
    "/admin?a=1", "https://example.com/old", "/%ff", "/a%00b", "/a\nb",
    "/a%3Fb", "/a%23b", "/admin", "/admin/", "/Admin/x", "/a\u200bb", "/" + "x" * MAX_PATH_LENGTH,
    "http://testserver", "http://[", "/%2F/",
]  # fmt: skip


def test_an_old_path_that_cannot_be_asked_for_is_refused():
    assert [typed for typed in NO_PATHS if not is_refused(normal_path, typed)] == []


TARGET_KEPT_AS = dict(
    [
        ("/a/", "/a/"),
        (" /a?b=c#d ", "/a?b=c#d"),
        ("https://example.com/Ä", "https://example.com/Ä"),
        ("HTTPS://Example.com", "https://Example.com"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("http://testserver/a/?b", "/a/?b"),
        ("http://testserver", "/"),
    ]
)


def test_a_target_is_kept_in_one_form():
    assert {typed: normal_target(typed) for typed in TARGET_KEPT_AS} == TARGET_KEPT_AS


NO_TARGETS = [
    "", "a", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "http://example.com", "javascript:alert(1)", "data:text/html,x", "ftp://example.com",
    "https://", "https:///a", "https://user:pass@example.com/", "https://[", "https://a:99999/",
    "https://exa mple.com", "/a b", "/a\r\nSet-Cookie: x", "/a%00b", "/\u202egnp", "https:/a",
    "/" + "x" * 1001, "https://testserver@evil.example/", "/" + "x" * 501,
]  # fmt: skip


def test_a_target_that_leads_nowhere_or_astray_is_refused():
    assert [typed for typed in NO_TARGETS if not is_refused(normal_target, typed)] == []


def test_a_question_is_put_before_the_fragment():
    assert with_query("/a#b", "c=d") == "/a?c=d#b"


# The door: chains become one step, rings are refused


def ask(*pairs, **fields):
    return plans.plan([Redirect(path=path, target=target, **fields) for path, target in pairs])


def test_what_leads_to_a_redirect_leads_to_its_end():
    lead("/b", "/c/")

    plans.carry_out(ask(("/a", "/b/")))

    assert table() == {"/a": "/c/", "/b": "/c/"}


def test_what_led_to_an_address_that_moves_is_led_on():
    lead("/a", "/b/?x=1")
    lead("/other", "/articles/")

    plan = ask(("/b", "/c/"))
    plans.carry_out(plan)

    assert [row.path for row in plan.led_on] == ["/a"]
    assert table() == {"/a": "/c/?x=1", "/b": "/c/", "/other": "/articles/"}


def test_a_long_chain_in_one_file_becomes_single_steps():
    pairs = [(f"/{number}", f"/{number + 1}/") for number in range(50)]

    plans.carry_out(ask(*pairs))

    assert set(table().values()) == {"/50/"}


def test_one_step_that_may_change_makes_all_of_it_changeable():
    lead("/b", "/c/", is_permanent=False)

    plans.carry_out(ask(("/a", "/b/")))

    assert not Redirect.objects.get(path="/a").is_permanent


@pytest.mark.parametrize(
    "pairs",
    [
        [("/b", "/a/")],
        [("/b", "/b/")],
        [("/b", "/c"), ("/c", "/d"), ("/d", "/b?x")],
        [("/b", "/c"), ("/c", "/a")],
    ],
)
def test_a_ring_is_found_and_never_carried_out(pairs):
    lead("/a", "/b/")

    plan = ask(*pairs)

    assert plan.rings
    with pytest.raises(ValueError, match="rings"):
        plans.carry_out(plan)
    assert table() == {"/a": "/b/"}


def test_asking_again_changes_nothing():
    plans.carry_out(ask(("/a", "/b/"), ("/c", "/a/")))

    again = ask(("/a", "/b/"), ("/c", "/a/"))

    assert (again.added, again.changed, again.led_on, again.unchanged) == ([], [], [], 2)


# In the admin


def send(client, address=ADD, **changes):
    form = filled_in(client.get(address), "redirect_form", "_save", **changes)
    return client.post(address, form, follow=True)


def errors(answer):
    return answer.context["adminform"].form.errors


def test_a_publisher_makes_a_redirect_and_it_leads(publisher, client):
    send(publisher, path=" /blog/old/#x ", target="/articles/", note="From the old site")

    assert led(client, "/blog/old/") == (301, "/articles/")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("path", "old"),
        ("path", "/taken/"),
        ("path", "/a\0b"),
        ("target", "//evil.example"),
        ("target", "/ring"),
        ("note", "x" * 251),
    ],
    ids=lambda text: text[:20],
)
def test_bad_input_is_an_error_beside_its_field(publisher, field, value):
    lead("/taken", "/a/")
    lead("/ring", "/old")

    answer = send(publisher, **({"path": "/old", "target": "/new/"} | {field: value}))

    assert list(errors(answer)) == [field]
    assert table() == {"/taken": "/a/", "/ring": "/old"}


def test_the_target_of_a_redirect_may_change_and_its_path_stays(publisher):
    row = lead("/a%20b", "/c/", hits=7)
    lead("/x", "/y/")

    address = reverse("admin:redirects_redirect_change", args=[row.pk])
    send(publisher, address, path="/stolen", target="/x")

    row.refresh_from_db()
    assert (row.path, row.target, row.hits) == ("/a%20b", "/y/", 7)


def test_the_form_says_what_else_redirects_there_now(publisher):
    lead("/a", "/b/")

    answer = send(publisher, path="/b", target="/c/")

    assert "1 other redirect now points there directly: /a." in answer.text


@pytest.mark.parametrize("role", [AUTHOR, SALES, ""])
def test_redirects_belong_to_publishers(role):
    client = signed_in(role)

    for address in (LIST, ADD, IMPORT, EXPORT):
        assert client.get(address).status_code == 403, address
    assert client.post(IMPORT, {"file": upload("path,target\n/a,/b\n")}).status_code == 403
    assert not Redirect.objects.exists()


def test_an_administrator_takes_one_away(client):
    row = lead("/blog/old", "/articles/")

    signed_in(ADMINISTRATOR).post(
        reverse("admin:redirects_redirect_delete", args=[row.pk]), {"post": "yes"}
    )

    assert led(client, "/blog/old")[0] == 404


# From a file


def upload(text, name="redirects.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return SimpleUploadedFile(name, content, content_type="text/csv")


def check(client, text):
    return client.post(IMPORT, {"file": upload(text)})


def confirm(client, preview):
    [checked] = lxml.html.fromstring(preview.content).xpath("//input[@name='checked']/@value")
    return client.post(IMPORT, {"checked": checked}, follow=True)


def problems(answer):
    return [(problem.line, problem.reason) for problem in answer.context["reading"].problems]


FILE = "path,target,permanent,note\n/old,/new/,no,From “before”\n/older/,https://example.com/,,\n"


@pytest.mark.parametrize(
    "text",
    [
        FILE,
        "\ufeff" + FILE,
        FILE.replace(",", ";"),
        FILE.replace(",", "\t"),
        FILE.replace("\n", "\r\n"),
        FILE.replace("path,target", " Path , TARGET "),
        FILE.replace("\n/older", "\n\n,,,\n/older"),
        "sep=,\n" + FILE,
        "sep=;\r\n" + FILE.replace(",", ";"),
        '\ufeff"SEP=;"\n' + FILE.replace(",", ";"),
        FILE.replace(",", "|"),
        FILE.rstrip("\n"),
    ],
    ids=[
        "plain",
        "mark",
        "semicolons",
        "tabs",
        "crlf",
        "header",
        "empty lines",
        "separator named",
        "semicolon named",
        "semicolon named in quotes",
        "bars",
        "no last line end",
    ],
)
def test_a_file_is_shown_first_and_then_kept(publisher, text):
    preview = check(publisher, text)
    before = table()
    confirm(publisher, preview)

    assert preview.status_code == 200
    assert "2 to add" in preview.text
    assert before == {}
    assert table() == {"/old": "/new/", "/older": "https://example.com/"}
    assert not Redirect.objects.get(path="/old").is_permanent
    assert Redirect.objects.get(path="/older").is_permanent


def test_the_preview_says_what_is_added_changed_led_on_and_left(publisher):
    lead("/changed", "/was/")
    lead("/same", "/same/target/")
    lead("/follows", "/added/")

    preview = check(
        publisher, "path,target\n/changed,/is/\n/same,/same/target/\n/added,/now/here/\n"
    )

    said = (
        "1 to add",
        "1 to change",
        "1 that point",
        "1 unchanged",
        "/was/",
        "/now/here/",
    )
    for words in said:
        assert words in preview.text, words
    confirm(publisher, preview)
    assert table() == {
        "/added": "/now/here/",
        "/changed": "/is/",
        "/follows": "/now/here/",
        "/same": "/same/target/",
    }


def test_a_file_with_one_bad_row_is_not_kept_at_all(publisher):
    text = (
        "path,target,permanent,note\n"
        "/good,/new/,,\n"
        "bad,/new/,,\n"
        "/old,//evil.example,,\n"
        "/good/,/other/,,\n"
        "/maybe,/new/,perhaps,\n"
        f"/long,/new/,,{'x' * 251}\n"
        "/a,/b,,\n"
        "/b,/a,,\n"
        "/more,/new/,,,too,much\n"
    )

    answer = check(publisher, text)

    lines = [line for line, _ in problems(answer)]
    assert lines == [3, 4, 5, 6, 7, 8, 9, 10]
    said = dict(problems(answer))
    assert said[5] == "path: Line 2 already has this path."
    assert "would redirect to itself" in said[8]
    assert "checked" not in [
        field.get("name")
        for field in answer.context["form"].fields.values()
        if isinstance(field, dict)
    ]
    assert 'name="checked"' not in answer.text
    assert table() == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        ("path,target\n/käse,/a/\n".encode("latin-1"), "UTF-8"),
        ("path,target\n/a,/b/\n".encode("utf-16"), "UTF-8"),
        (b"path,target\n/a\0b,/c/\n", "UTF-8"),
        (b"path,target\n" + b"x" * (2 * 1024**2 + 1), "larger than 2 MB"),
        (b"from,to\n/a,/b/\n", "must name the columns"),
        (b"path\n/a\n", "must name the columns"),
        (b"/a,/b/\n", "must name the columns"),
        (b'path,target\n"/a,/b/\n', "quotation mark"),
        (b'path,target\n/a,"' + b"x" * 200_000 + b'"\n', "quotation mark"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_file_that_is_none_of_ours_is_refused_in_words(publisher, content, words):
    answer = check(publisher, content)

    assert answer.status_code in (200, 422)
    assert words in answer.text
    assert table() == {}


def test_a_line_that_names_the_separator_counts_as_a_line(publisher):
    answer = check(publisher, "sep=;\npath;target\nbad;/new/\n")

    assert [line for line, _ in problems(answer)] == [3]


def workbook(*rows):
    file = io.BytesIO()
    spreadsheets.XLSX().write(file, ["Path", "target", "permanent", "note"], rows)
    return file.getvalue()


def test_of_a_sheet_each_problem_has_the_number_of_its_row(publisher):
    rows = [
        ["/a", "/b/", False, "two\nlines"],
        [None] * 4,
        ["bad", "/c/", 302, 5],
        ["/d", "/e/", "?"],
    ]

    answer = check(publisher, workbook(*rows))

    assert [line for line, _ in problems(answer)] == [4, 5]


def test_a_sheet_is_shown_first_and_then_kept(publisher):
    preview = check(publisher, workbook(["/a", "/b/", False, "two\nlines"], ["/c", "/d/", 301, 5]))
    before = table()
    confirm(publisher, preview)

    assert before == {}
    assert list(Redirect.objects.values_list("path", "target", "is_permanent", "note")) == [
        ("/a", "/b/", False, "two lines"),
        ("/c", "/d/", True, "5"),
    ]


def test_a_workbook_that_cannot_be_read_is_refused_in_words(publisher):
    answer = check(publisher, workbook(["/a", "/b/"])[:600])

    assert answer.status_code == 422
    assert "This Excel file is broken or locked. Save it as CSV." in answer.text


def test_no_file_is_a_form_error(publisher):
    answer = publisher.post(IMPORT, {})

    assert answer.status_code == 422
    assert "required" in answer.text


@pytest.mark.parametrize("checked", ["", "a:b:c"])
def test_what_was_not_checked_by_us_is_not_kept(publisher, checked):
    answer = publisher.post(IMPORT, {"checked": checked}, follow=True)

    assert "choose the file again" in answer.text
    assert table() == {}


def test_what_changed_since_the_preview_is_shown_again(publisher):
    preview = check(publisher, "path,target\n/a,/b/\n")
    lead("/b", "/c/")

    again = confirm(publisher, preview)
    before = table()
    confirm(publisher, again)

    assert "changed since you checked" in again.text
    assert before == {"/b": "/c/"}
    assert table() == {"/a": "/c/", "/b": "/c/"}


def test_ten_thousand_rows_are_checked_and_kept(publisher):
    rows = "".join(f"/old/section/page-{n},/articles/page-{n}/,,\n" for n in range(10_000))

    preview = check(publisher, f"path,target,permanent,note\n{rows}")
    confirm(publisher, preview)

    assert "10000 to add" in preview.text
    assert "the first 100" in preview.text
    assert Redirect.objects.count() == 10_000


def test_more_rows_than_allowed_are_refused(publisher):
    rows = "".join(f"/{n},/a/\n" for n in range(files.MAX_ROWS + 1))

    answer = check(publisher, f"path,target\n{rows}")

    assert problems(answer) == [(20_002, "There are more than 20000 rows.")]


# To a file


def export(client, query="", kind="0", without=()):
    """The file, asked for as the page of it does; CSV, or with kind 1 XLSX."""
    page = lxml.html.fromstring(client.get(EXPORT + query).content)
    fields = dict(page.get_element_by_id("export_form").form_values())
    kept = {name: value for name, value in fields.items() if name not in without}
    answer = client.post(EXPORT + query, kept | {"format": kind})
    assert answer.status_code == 200
    return answer


def exported(client, query=""):
    answer = export(client, query)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("kind", ["0", "1"], ids=["csv", "xlsx"])
def test_a_file_that_was_written_reads_back_the_same(publisher, kind):
    notes = [
        "=1+1", "'=1+1", "'quoted'", "-", "＝1", 'plain, "quoted"', "\u200b@x", "a\nb", ";",
    ]  # fmt: skip
    for number, note in enumerate(notes):
        lead(f"/a b%20c/{number}", "/ä/?b=c", note=note, is_permanent=bool(number % 2))
    said = Redirect.objects.order_by("path").values_list("path", "target", "note", "is_permanent")
    before = list(said)

    file = export(publisher, kind=kind).getvalue()
    Redirect.objects.all().delete()
    confirm(publisher, check(publisher, file))

    if kind == "1":  # of a sheet, a line break in a cell is read as a blank
        before = [
            (path, target, note.replace("\n", " "), good) for path, target, note, good in before
        ]
    assert list(said.all()) == before


@pytest.mark.parametrize("note", ["=1+1", "-1", "@a", " \r\n=1", "\u200b=1", "＝1", "'=1"])
def test_no_cell_is_a_formula(publisher, note):
    """Where the note has a tab or a line break, a spreadsheet may begin a cell behind it."""
    lead("/a", "/b/", note=note)

    [_, row] = exported(publisher)

    begun = row[3].splitlines()[-1].rpartition("\t")[2]
    assert begun.startswith("'")
    assert row[3].replace("'", "", 1) == note


def test_what_the_list_shows_is_what_is_written(publisher):
    lead("/a", "/b/")
    lead("/c", "/d/", is_permanent=False)

    assert len(exported(publisher)) == 3
    assert [row[0] for row in exported(publisher, "?is_permanent__exact=0")] == ["path", "/c"]
    assert [row[0] for row in exported(publisher, "?q=/b")] == ["path", "/a"]


def test_the_list_leads_to_the_file_of_what_it_shows(publisher):
    assert f"{EXPORT}?is_permanent__exact=0" in publisher.get(f"{LIST}?is_permanent__exact=0").text


def test_the_list_costs_the_same_for_one_and_for_ten(publisher, django_assert_max_num_queries):
    lead("/0", "/a/")
    publisher.get(LIST)
    for number in range(1, 10):
        lead(f"/{number}", "/a/")

    with django_assert_max_num_queries(8):
        publisher.get(LIST)
