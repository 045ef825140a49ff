"""What answers tell browsers: who may embed them, what no page does, what no script may do."""

import re

import pytest
from django.conf import settings
from django.utils import timezone

from accounts import links, totp
from accounts.roles import PUBLISHER
from tests import builders
from tests.pictures import picture_file
from web.middleware import PERMISSIONS_POLICY

pytestmark = pytest.mark.django_db

CORP, COOP = "Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy"
PAGES = [
    "/",
    "/articles/",
    "/articles/search/",
    "/contact/",
    "/readiness/1/",
    "/nowhere/",
    "/articles",
]
OURS_ALONE = [*PAGES, "/admin/login/", "/healthz", "/robots.txt", "/articles/feed/", "/status"]


@pytest.mark.parametrize("path", OURS_ALONE)
def test_only_our_own_pages_may_embed_an_answer_or_hold_its_window(client, path):
    answer = client.get(path)

    assert answer[CORP] == answer[COOP] == "same-origin"
    assert answer["Permissions-Policy"] == PERMISSIONS_POLICY


@pytest.mark.parametrize("path", ["/favicon.ico", "/apple-touch-icon.png"])
def test_pictures_may_stand_on_pages_of_others(client, path):
    assert client.get(path)[CORP] == "cross-origin"


def test_so_may_uploads_and_cards(client):
    picture = builders.image(file=picture_file(color=(3, 5, 7)))
    card = re.search(r'property="og:image" content="http://[^/]+(/[^"]+)"', client.get("/").text)

    for path in (picture.file.url, card[1]):
        answer = client.get(path)
        answer.getvalue()  # all of it: what is left open is a warning
        assert answer[CORP] == "cross-origin"


@pytest.mark.parametrize("path", PAGES)
def test_on_public_pages_no_script_turns_text_into_markup(client, path):
    policy = client.get(path).headers.get("Content-Security-Policy", "")

    assert "require-trusted-types-for 'script'" in policy
    assert "trusted-types 'none'" in policy


def test_so_it_is_where_strangers_are_asked_for_passwords_and_codes(client):
    ada = builders.user(role=PUBLISHER, password="compile the compiler")
    totp.enrol(ada, totp.new_secret(), step=1, at=timezone.now())
    link = links.send_reset(ada, at=timezone.now())
    sent = {"username": ada.email, "password": "compile the compiler"}

    pages = {
        "Sign in": client.get("/admin/login/"),
        "Second factor": client.post("/admin/login/", sent),
        "Forgot your password?": client.get("/admin/forgot-password/"),
        "Check your email": client.post("/admin/forgot-password/", {"email": "a@b.example"}),
        "Choose a password": client.get(link, follow=True),
        "This link doesn’t work": client.get("/admin/choose-password/nothing/"),
    }

    for title, page in pages.items():
        assert f"<h1>{title}</h1>" in page.text
        assert "require-trusted-types-for 'script'" in page["Content-Security-Policy"], title
        assert "trusted-types 'none'" in page["Content-Security-Policy"], title


def test_the_admin_has_its_own_policy():
    page = builders.signed_in(PUBLISHER).get("/admin/")

    assert "script-src" in page["Content-Security-Policy"]
    assert "trusted-types" not in page["Content-Security-Policy"]


def test_nginx_says_the_same_where_it_answers_by_itself():
    written = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()

    assert f'"" "{PERMISSIONS_POLICY}";' in written
