"""The secret key can be changed: what the one before has signed goes on working for a while."""

import ast

import pytest
from django.conf import settings as configured
from django.contrib.auth.tokens import default_token_generator
from django.core import signing

from leads.intake import receiving
from leads.messages import links
from leads.models import Inquiry
from leads.pipeline import assessments
from redirects.admin import ImportForm
from tests import builders
from tests.test_architecture import MAY_IMPORT

pytestmark = pytest.mark.django_db

NEW = "the new key, which is as long and as random as it should be"


@pytest.fixture
def change_key(settings):
    """As docs/operator.md says: the new one, and the former one among the fallbacks, or not."""

    def change(*, keep):
        former = [settings.SECRET_KEY] if keep else []
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, former

    return change


def session(client):
    client.force_login(builders.user(role="Sales"))
    return lambda: client.get("/admin/").status_code == 200


def link_in_an_email(client):
    token = links.token(links.TAKE, 7, "ada@example.com")
    return lambda: links.read(token) == links.Link(7, links.TAKE, "ada@example.com")


def invitation(client):
    about = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}
    inquiry = receiving.receive(Inquiry(**about))
    token = assessments.invitation(inquiry)
    return lambda: assessments.invited_by(token) == inquiry


def checked_import(client):
    checked = ImportForm.signed("/a/ /b/", "shown")
    return lambda: ImportForm.unsigned(checked) == ["/a/ /b/", "shown"]


def end_of_an_absence(client):
    signed = signing.dumps([1, "2026-11-30"], salt="leads.admin.duty_page")
    return lambda: is_good(signed, salt="leads.admin.duty_page")


def password_reset(client):
    user = builders.user(role="Sales")
    token = default_token_generator.make_token(user)
    return lambda: default_token_generator.check_token(user, token)


def is_good(signed, *, salt):
    try:
        return bool(signing.loads(signed, salt=salt))
    except signing.BadSignature:
        return False


SIGNED = [session, link_in_an_email, invitation, checked_import, end_of_an_absence, password_reset]


@pytest.mark.parametrize("sign", SIGNED)
def test_what_the_former_key_signed_works_while_it_is_a_fallback(client, change_key, sign):
    works = sign(client)

    change_key(keep=True)

    assert works()


@pytest.mark.parametrize("sign", SIGNED)
def test_and_no_longer_without_it(client, change_key, sign):
    works = sign(client)

    change_key(keep=False)

    assert not works()


def test_whoever_comes_meanwhile_stays_signed_in_for_good(client, change_key, settings):
    works = session(client)
    change_key(keep=True)
    works()

    settings.SECRET_KEY_FALLBACKS = []

    assert works()


# Where a value that is kept is keyed by SECRET_KEY itself, and how it outlives a change of the key.
KEYED = {
    "accounts/familiar.py": "who came from an unknown address is asked for more, once",
    "accounts/totp.py": "tries the fallbacks, and seals anew with the present key",
    "privacy/receipts.py": "has a key of its own, ERASURE_KEY, which is never changed",
    "web/limits.py": "counts of minutes and hours begin anew",
}


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_nothing_of_ours_signs_with_the_present_key_alone(app):
    """Django's signing asks the fallbacks too; whoever takes the key by hand has to."""
    found = {
        path.relative_to(configured.BASE_DIR).as_posix()
        for path in (configured.BASE_DIR / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if getattr(node, "attr", getattr(node, "id", "")) in ("SECRET_KEY", "salted_hmac", "hmac")
    }

    assert found <= KEYED.keys()
