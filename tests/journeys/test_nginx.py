"""The site behind nginx, configured by `manage.py nginx_config`, as in production but for TLS."""

import http.client
import json
import re
import shutil
import socket
import tempfile
import time
from contextlib import ExitStack
from io import StringIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import call_command

from devtools.processes import wait_until
from devtools.services import find_nginx, start_nginx
from images.models import Rendition
from tests.journeys.test_finished_pages import PUBLISH, RETITLE
from tests.services_report import skip_or_fail
from tests.stack import visitor
from web.middleware import PERMISSIONS_POLICY

TOO_MUCH = 5_300_000  # bytes: more than the longest form takes
MAX_STALE_SECONDS = 4  # seconds: one in the application, two in nginx, one while it asks again


@pytest.fixture(scope="module")
def nginx(running_stack):
    if not find_nginx():
        skip_or_fail("nginx")
    media = running_stack.var / "media"
    media.mkdir(exist_ok=True)
    media.chmod(0o755)
    folder = Path(tempfile.mkdtemp(dir=running_stack.folder.parent))
    folder.chmod(0o755)
    with start_nginx(folder, application=running_stack.port, media=media) as server:
        server.log = folder / "nginx" / "access.log"
        yield server
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def site(running_stack, nginx):
    running_stack.recover()
    running_stack.execute("TRUNCATE articles_article CASCADE")
    running_stack.shell(PUBLISH)
    time.sleep(MAX_STALE_SECONDS)
    return running_stack


def ask(server, path, method="GET", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, named)
    response = connection.getresponse()
    response.text = response.read().decode("utf-8", "replace")
    connection.close()
    return response


def test_a_change_shows_within_seconds_and_until_then_nobody_is_turned_away(site, nginx):
    assert "Compilers" in ask(nginx, "/articles/compilers/").text

    site.execute(RETITLE, "Linkers")
    time.sleep(MAX_STALE_SECONDS)

    assert "Linkers" in ask(nginx, "/articles/compilers/").text


def test_readers_go_on_reading_while_the_application_starts_anew(site, nginx):
    ask(nginx, "/articles/compilers/")
    site.stop("web")
    time.sleep(MAX_STALE_SECONDS)

    answer = ask(nginx, "/articles/compilers/")

    site.start("web")
    assert (answer.status, "They translate." in answer.text) == (200, True)


def test_one_id_leads_from_the_log_of_nginx_into_the_emails(site, nginx):
    email = visitor()
    form = urlencode(
        {"name": "Ada", "email": email, "message": "We need a ledger.", "page": "/contact/"}
    )
    headers = {"Content_Type": "application/x-www-form-urlencoded", "X_Request_ID": "f" * 32}
    answer = ask(nginx, "/contact/", "POST", form, **headers)

    assert answer.status == 302
    emails = site.expect_emails([email])[email]

    lines = [json.loads(line) for line in nginx.log.read_text().splitlines()]
    [line] = [one for one in lines if one["request_id"] == answer.headers["X-Request-ID"]]
    assert (line["method"], line["path"], line["status"]) == ("POST", "/contact/", 302)
    assert line["request_id"] != "f" * 32
    for received in [*emails.sales, *emails.visitor]:
        assert received.email["X-Request-ID"] == line["request_id"]
    assert f"request_id={line['request_id']}" in site._log("web")


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("", None)],
)
def test_pages_come_in_the_coding_that_is_asked_for(site, nginx, accepted, coding):
    answers = [ask(nginx, "/articles/compilers/", Accept_Encoding=accepted) for _ in range(2)]

    assert {answer.headers.get("Content-Encoding") for answer in answers} == {coding}


def send(port, path, *lines):
    """Ask with these lines as they are, a name twice if need be. The answer, whole."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    for line in lines:
        connection.putheader(*line.split(": ", 1))
    connection.endheaders()
    response = connection.getresponse()
    response.text = response.read().decode("utf-8", "replace")
    connection.close()
    return response


TWICE = [
    ["Accept: text/html", "Accept: text/markdown"],
    ["Accept: text/markdown;q=0", "Accept: text/markdown"],
    ["Accept: */*", "Accept: text/html;q=0.1, text/markdown"],
    ["Cookie: a=b", "Cookie: desk_csrf=junk"],
    ["Authorization: ", "Authorization: Basic eA=="],
    ['If-None-Match: "a"', "If-None-Match: *"],
    ["If-Modified-Since: x", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"],
    ["Range: bytes=0-1", "Range: bytes=2-3"],
    ["Accept-Encoding: identity", "Accept-Encoding: br"],
    ["Accept-Language: en", "Accept-Language: da"],
    ["X-Forwarded-Host: evil.example", "X-Forwarded-Host: worse.example"],
    ["X-Forwarded-Proto: http", "X-Forwarded-Proto: https"],
    ["Forwarded: host=evil.example", "Forwarded: proto=https"],
    ["Content-Type: text/plain", "Content-Type: text/plain; charset =cp037"],
    ["Content-Type: text/plain; charset*=utf-8''cp037"],
    ["Content-Type: text/plain; charset =hex"],
    ["X-HTTP-Method-Override: POST", "X-HTTP-Method-Override: HEAD"],
]


@pytest.fixture(scope="module")
def unread(site):
    """Articles that nobody has asked for, so that the first who does has the page made."""
    many = 2 * len(TWICE)
    site.shell(f"""
from articles import publishing
from django.utils import timezone

author = Author.objects.get(slug="grace")
for number in range({many}):
    article = Article.objects.create(slug=f"unread-{{number}}")
    Byline.objects.create(article=article, author=author)
    text = {{"title": "Unread", "summary": "What they do.", "body": "<p>So far.</p>"}}
    publishing.save_draft(article, text=text, by=None)
    publishing.publish(article, at=timezone.now())
""")
    time.sleep(MAX_STALE_SECONDS)
    return (f"/articles/unread-{number}/" for number in range(many))


@pytest.mark.parametrize("sent", TWICE, ids=str)
def test_what_is_sent_twice_changes_nothing_for_the_next_reader(site, nginx, unread, sent):
    """Through nginx, which keeps answers, and at the application, which does too."""
    for port in (nginx.port, site.port):
        path = next(unread)
        for _ in range(4):
            assert send(port, path, *sent).status < 500

            answers = [send(port, path) for _ in range(4)]

            for answer in answers:
                assert answer.status == 200
                assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
                assert "So far." in answer.text and answer.text.endswith("</html>\n")
                assert "evil" not in answer.text
                assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/markdown", "text/markdown"),
        ("text/html;q=0.8, text/markdown", "text/markdown"),
        ("text/html, text/markdown;q=0.5", "text/html"),
        ("*/*", "text/html"),
    ],
)
def test_an_article_comes_in_the_form_that_is_asked_for(site, nginx, accept, kind):
    for _ in range(2):
        answer = ask(nginx, "/articles/compilers/", Accept=accept)

        assert answer.headers["Content-Type"].startswith(kind)


def test_who_has_the_page_already_gets_a_304(site, nginx):
    tag = ask(nginx, "/articles/compilers/").headers["ETag"]

    assert ask(nginx, "/articles/compilers/", If_None_Match=tag).status == 304


def test_a_campaign_shares_the_page_and_a_page_number_does_not(site, nginx):
    assert ask(nginx, "/articles/?utm_source=letter").status == 200
    assert ask(nginx, "/articles/?page=7").status == 404
    assert ask(nginx, "/articles/").status == 200
    assert ask(nginx, "/articles/%3Fpage=7").status == 404


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("/x/../services/", "/services/"),
        ("//contact/", "/contact/"),
        ("/contact/?p%61ge=9", "/contact/"),
        ("/articles/?p%61ge=9999", "/articles/"),
        ("/articles/?page=1&page=9999", "/articles/?page=1"),
        ("/articles/?page=9999&page=1", "/articles/?page=9999"),
        ("/articles/?PAGE=1", "/articles/?page=1"),
        ("/articles/?page=01", "/articles/?page=1"),
        ("/articles?email=ada@example.com", "/articles"),
        ("//static/css/", "/static/css/"),
    ],
)
def test_an_odd_address_does_not_change_what_the_next_visitor_of_another_sees(
    site, nginx, odd, plain
):
    true = site.get(plain)
    for _ in range(3):
        ask(nginx, odd)

    seen = ask(nginx, plain)

    assert (seen.status, seen.text) == (true.status, true.text)
    assert "ada@" not in str(seen.headers)


@pytest.mark.parametrize(("accept", "status"), [("*/*", 404), ("text/html", 302)])
def test_the_status_page_distinguishes_monitors_from_browsers(site, nginx, accept, status):
    assert ask(nginx, "/status", Accept=accept).status == status


def test_an_inquiry_passes_and_a_flood_of_them_does_not(site, nginx):
    form = f"name=Ada&email={visitor()}&message=Hello+there&page=/contact/"
    headers = {"Content_Type": "application/x-www-form-urlencoded"}

    answers = [ask(nginx, "/contact/", "POST", form, **headers) for _ in range(60)]

    assert answers[0].status == 302
    assert answers[-1].status == 429
    assert answers[-1].headers["Retry-After"] == "60"
    assert "what you typed is still there" in answers[-1].text


def test_the_longest_message_passes_in_any_script(site, nginx):
    message = "Ж" * 50_000  # six bytes a letter on the way
    form = urlencode({"name": "Ада", "email": visitor(), "message": message, "page": "/contact/"})
    headers = {"Content_Type": "application/x-www-form-urlencoded", "X_Tested_Peer": "203.0.113.82"}

    assert len(form) > 300_000
    assert ask(nginx, "/contact/", "POST", form, **headers).status == 302
    assert site.execute("SELECT count(*) FROM leads_inquiry WHERE message = %s", message) == [(1,)]


@pytest.mark.parametrize(
    ("ours", "others"),
    [
        (["203.0.113.9"], "203.0.113.10"),
        ([f"2001:db8:1:2:{n:x}::1" for n in range(80)], "2001:db8:1:3::1"),
    ],
)
def test_a_flood_of_posts_is_one_visitors_and_the_next_address_is_not_hit(
    site, nginx, ours, others
):
    """Through nginx and the application, which each count."""
    form = f"name=Ada&email={visitor()}&message=Hello+there&page=/contact/"
    headers = {"Content_Type": "application/x-www-form-urlencoded"}

    def post(peer):
        return ask(nginx, "/contact/", "POST", form, X_Tested_Peer=peer, **headers).status

    statuses = [post(ours[n % len(ours)]) for n in range(80)]

    assert statuses[:20] == [302] * 20
    assert statuses[-1] == 429
    assert post(others) == 302


def test_an_office_that_writes_behind_one_address_is_not_refused_and_strangers_are(site, nginx):
    """What is typed into forms is saved every few seconds. Who brings no session is a stranger; and
    a session that is made up lets nobody guess passwords.
    """
    session = {"Cookie": "desk_session=made-up", "X_Tested_Peer": "203.0.113.80"}
    turns, sign_in = "/admin/articles/article/1/keep/", "/admin/login/"

    def statuses(path, times, **headers):
        return {ask(nginx, path, "POST", "a=b", **headers).status for _ in range(times)}

    assert 429 not in statuses(turns, 180, **session)
    assert 429 in statuses(sign_in, 180, **session)
    assert 429 in statuses(turns, 180, X_Tested_Peer="203.0.113.81")


def test_an_address_that_is_made_up_lifts_no_limit(site, nginx):
    """The application hears from nginx who it is."""
    form = f"do=look&context=etc.&email={visitor()}"
    headers = {"Content_Type": "application/x-www-form-urlencoded", "X_Tested_Peer": "203.0.113.77"}
    site.shell("""
from web import limits
limits.WORK.add("203.0.113.77", limits.WORK.most)
""")

    answer = ask(nginx, "/contact/brief/", "POST", form, X_Forwarded_For="203.0.113.1", **headers)

    assert answer.status == 429
    assert "Not sent yet" in answer.text or "go back in your browser" in answer.text


def test_200_slow_clients_keep_nobody_waiting(site, nginx):
    """They never end what they say, or never read what they asked for."""
    host = "HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000\r\n\r\nname=A"
    said = [f"GET / {host}Accept: ", f"POST /contact/ {host}{form}", f"GET / {host}\r\n" * 20]
    ask(nginx, "/")
    with ExitStack() as slow:
        for number in range(200):
            client = socket.create_connection(("127.0.0.1", nginx.port), timeout=10)
            slow.enter_context(client).sendall(said[number % len(said)].encode())
        form = f"name=Ada&email={visitor()}&message=Hello&page=/contact/"
        headers = {"Content_Type": "application/x-www-form-urlencoded"}

        # Each waits for its answer ten seconds at most; that of the slow never comes.
        answers = [
            ask(nginx, "/"),
            ask(nginx, "/articles/search/?q=translate"),
            ask(nginx, "/contact/", "POST", form, X_Tested_Peer="192.0.2.44", **headers),
        ]

    assert [answer.status for answer in answers] == [200, 200, 302]


def test_an_invitation_to_the_assessment_is_its_holders_own(site, nginx):
    assert 'id="assess"' not in ask(nginx, "/contact/thanks/").text

    thanks = ask(nginx, site.send_inquiry(visitor()).location)

    assert 'id="assess"' in thanks.text
    assert thanks.headers["Cache-Control"] == "private, no-store"
    assert 'id="assess"' not in ask(nginx, "/contact/thanks/").text


def test_more_than_any_form_holds_is_refused(nginx):
    assert ask(nginx, "/contact/", "POST", "x" * TOO_MUCH).status == 413
    assert ask(nginx, "/", X_Long="x" * 40_000).status == 400


def test_nobody_signed_in_fills_the_cache(site, nginx):
    ask(nginx, "/admin/login/", Cookie="desk_session=abc")
    answer = ask(nginx, "/admin/login/")

    assert "no-store" in answer.headers["Cache-Control"]


def test_uploads_come_from_disk_and_can_do_nothing(site, nginx):
    (site.var / "media" / "a.html").write_text("<script>alert(1)</script>")
    (site.var / "media" / "a.html").chmod(0o644)

    answer = ask(nginx, "/media/a.html")

    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert ask(nginx, "/media/../db.sqlite3").status in (400, 404)


def test_the_log_of_nginx_has_no_keys_and_no_email_addresses(site, nginx):
    key, address = "k" * 43, "ada%40private.example"
    for path in (f"/readiness/resume/{key}/", f"/readiness//result/{key}/pdf/",
                 f"/contact/thanks/?x=y&for={key}", f"/readiness/1/?key={key}",
                 f"/unsubscribe/{address}/", f"/articles/?email={address}",
                 f"/admin/invited/{'aB3' * 14}/", "/articles/search/?q=husband"):  # fmt: skip
        ask(nginx, path, Referer=f"https://www.example.com/contact/thanks/?for={key}")

    def logged():
        return nginx.log.read_text()

    assert wait_until(lambda: logged().count("https://www.example.com/") >= 8, seconds=10)
    assert key not in logged() and "private.example" not in logged()
    assert "husband" not in logged() and "aB3" not in logged()
    paths = {json.loads(line)["path"] for line in logged().splitlines()}
    assert {"/readiness/resume/-", "/admin/invited/-", "/articles/search/", "/-"} <= paths


KINDS = {"jpg": "image/jpeg", "png": "image/png"} | {
    value: f"image/{value}" for value in Rendition.Format.values
}


@pytest.mark.parametrize(("suffix", "kind"), KINDS.items())
def test_every_picture_is_shown_as_what_it_is(site, nginx, suffix, kind):
    file = site.var / "media" / f"picture.{suffix}"
    file.write_bytes(b"any")
    file.chmod(0o644)

    answer = ask(nginx, f"/media/picture.{suffix}")

    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert "immutable" in answer.headers["Cache-Control"]


PROTECTION = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
}


OF_MEDIA = {"refused method"}


def style_sheet(nginx):
    return next(word for word in ask(nginx, "/").text.split('"') if word.endswith(".css"))


def test_whatever_nginx_answers_by_itself_is_as_protected_as_a_page(site, nginx):
    answers = {
        "page": ask(nginx, "/"),
        "kept page": ask(nginx, "/"),
        "redirect": ask(nginx, "/articles"),
        "nothing": ask(nginx, "/nowhere/"),
        "static file": ask(nginx, style_sheet(nginx)),
        "no method": ask(nginx, "/", "TRACE"),
        "missing upload": ask(nginx, "/media/nothing.png"),
        "refused method": ask(nginx, "/media/nothing.png", "DELETE"),
        "too much": ask(nginx, "/contact/", "POST", "x" * TOO_MUCH),
    }

    for name, answer in answers.items():
        for header, value in PROTECTION.items():
            assert answer.headers.get_all(header) == [value], (name, header)
        embedding = "cross-origin" if name in OF_MEDIA else "same-origin"
        assert answer.headers.get_all("Cross-Origin-Resource-Policy") == [embedding], name
    assert "immutable" not in str(answers["missing upload"].headers)


def test_no_location_of_nginx_forgets_what_the_server_adds():
    """A location that adds a header of its own inherits none. HSTS wants TLS, which is not here."""
    out = StringIO()
    call_command("nginx_config", media="/srv/media", stdout=out)
    written = out.getvalue()
    added = re.findall(r"(?m)^    add_header ([\w-]+ .+ always);", written)
    locations = re.findall(r"(?ms)^    location .+?^    }", written)

    adding = [location for location in locations if "add_header" in location]
    assert adding and any(line.startswith("Strict-Transport-Security $hsts") for line in added)
    for location in adding:
        assert [line for line in added if f"add_header {line};" not in location] == []


def test_static_files_are_packed_and_never_asked_for_again(site, nginx):
    page = ask(nginx, "/").text
    paths = {word for word in page.split('"') if word.endswith(".css")}

    assert paths
    for path in [*paths, *paths]:
        answer = ask(nginx, path, Accept_Encoding="br")
        assert answer.headers["Content-Encoding"] == "br"
        assert "immutable" in answer.headers["Cache-Control"]
