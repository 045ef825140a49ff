"""Whatever goes wrong, the answer is a page of ours that says what to do next."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.builders import user

INQUIRY = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}


@pytest.mark.django_db
def test_an_address_without_a_page_is_not_found_in_our_own_words(client):
    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert "/contact/" in answer.text


@pytest.mark.django_db
def test_what_is_not_allowed_is_refused_in_our_own_words(client):
    answer = client.post("/contact/", INQUIRY, headers={"origin": "https://evil.example"})

    assert answer.status_code == 403
    assert "Access denied" in answer.text


@pytest.mark.django_db
def test_staff_without_the_right_are_refused_in_our_own_words(client):
    client.force_login(user())

    answer = client.get("/admin/articles/article/")

    assert answer.status_code == 403
    assert "Access denied" in answer.text


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_in_our_own_words():
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a"})

    assert answer.status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-16", "utf-32", "utf-7", "klingon"])
def test_a_form_that_claims_another_charset_is_never_an_error(client, charset):
    answer = client.generic(
        "POST",
        "/contact/",
        b"name=Ada&email=ada%40example.com&message=Hello%FF",
        content_type=f"application/x-www-form-urlencoded; charset={charset}",
    )

    assert answer.status_code < 500


@pytest.mark.django_db
def test_the_page_for_a_bad_request_says_so_in_our_own_words(client):
    answer = client.generic(
        "POST",
        "/contact/",
        b"name=Ada",
        content_type="application/x-www-form-urlencoded; charset=utf-16",
    )

    assert answer.status_code == 400
    assert "We couldn’t read that request" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "a b", "[::", ""])
def test_a_host_that_is_not_ours_is_a_bad_request(client, host):
    answer = client.get("/", headers={"host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.django_db
def test_a_host_that_is_not_ours_gets_no_redirect_either(client):
    answer = client.get("/articles", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.django_db
def test_a_body_that_is_far_too_large_is_a_bad_request(client):
    answer = client.post("/contact/", INQUIRY | {"message": "x" * 20_000_000})

    assert answer.status_code == 400


@pytest.mark.django_db
def test_a_form_of_far_too_many_fields_is_a_bad_request(client):
    answer = client.post("/contact/", {f"field-{number}": "" for number in range(5000)})

    assert answer.status_code == 400


@pytest.mark.django_db
def test_a_file_where_none_is_asked_for_is_no_error(client):
    answer = client.post("/contact/", {"name": SimpleUploadedFile("a.exe", b"MZ")})

    assert answer.status_code == 422


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/%00/", "/%ff/", "/articles/%ff/", "/%2e%2e/%2e%2e/etc/passwd", "/media/../config/",
        "/media/%00", "/media/%2e%2e/db.sqlite3", "/static/..%2f..%2fmanage.py", "/.env",
        "/" + "x" * 5000 + "/", "/admin/%00/", "/offices/%0d%0aa/", "/contact/?%00=%ff",
    ],
)  # fmt: skip
def test_a_strange_address_is_never_an_error(client, path):
    assert client.get(path).status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/articles/", "/healthz", "/contact/thanks/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_a_strange_method_is_never_an_error(client, path, method):
    assert getattr(client, method)(path).status_code < 500


@pytest.mark.django_db
def test_an_address_without_its_last_slash_leads_to_the_page(client):
    answer = client.get("/services")

    assert answer.status_code == 301
    assert answer.headers["Location"] == "/services/"


def test_our_own_failure_is_confessed_without_asking_the_database(client):
    """No database is at hand in this test: the page fails, and its apology must not."""
    client.raise_request_exception = False

    answer = client.get("/")

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in answer.headers
