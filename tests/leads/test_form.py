"""The form as strangers and programs send it: nothing is lost, nothing breaks."""

import re
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st
from lxml.html import fromstring

from leads.models import Contact, Inquiry, Lead
from tests import builders

ADA = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact_url():
    return reverse("leads:contact")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 121),
        ("name", "A\x00da"),
        ("email", ""),
        ("email", "ada"),
        ("email", "ada@"),
        ("email", "ada@example.com\nBcc: all@example.com"),
        ("email", "=?utf-8?q?ada=40evil.example?=@example.com"),
        ("email", "a@b.example, c@d.example"),
        ("email", f"{'x' * 250}@example.com"),
        ("company", "x" * 161),
        ("company", "\x00"),
        ("message", ""),
        ("message", "x" * 50_001),
        ("message", "We need\x00a ledger."),
    ],
)
def test_what_cannot_be_kept_is_an_error_beside_its_field(client, contact_url, field, value):
    response = client.post(contact_url, {**ADA, field: value})

    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert not Inquiry.objects.exists()
    assert not Contact.objects.exists()
    assert not Lead.objects.exists()


def test_an_error_keeps_what_was_typed(client, contact_url):
    response = client.post(contact_url, {**ADA, "email": "ada@", "company": "Engines & Co"})

    page = response.content.decode()
    assert "We need a ledger." in page
    assert 'value="Ada"' in page
    assert "Engines &amp; Co" in page


def test_an_error_is_named_at_the_top_and_led_to_from_there(client, contact_url):
    response = client.post(contact_url, {**ADA, "email": "ada@"})

    page = response.content.decode()
    assert 'href="#inquiry-email"' in page
    assert 'id="inquiry-email"' in page
    [field] = re.findall(r"<input[^>]*id=.inquiry-email.[^>]*>", page)
    [describedby] = re.findall(r"aria-describedby=.([^'\"]+).", field)
    for described in describedby.split():
        assert f'id="{described}"' in page


def test_markup_is_shown_as_typed_and_does_nothing(client, contact_url):
    response = client.post(contact_url, {**ADA, "name": "<script>alert(1)</script>", "email": ""})

    assert b"<script>alert" not in response.content
    assert b"&lt;script&gt;alert" in response.content


@pytest.mark.parametrize(
    "value",
    [
        "\u202eadA",  # right to left
        "A\u0301da \U0001f469\u200d\U0001f4bb",
        "Ada\x0b\x1f",
        "Robert'); DROP TABLE leads_inquiry;--",
        "{{ settings.SECRET_KEY }} {% now %}",
        "=1+1",
    ],
)
def test_strange_words_are_kept_as_they_are(client, contact_url, value):
    client.post(contact_url, {**ADA, "name": value, "company": value, "message": f"{value}."})

    assert Inquiry.objects.get().message == f"{value}."


def test_repeated_fields_count_once(client, contact_url):
    response = client.post(contact_url, {**ADA, "name": ["Ada", "Grace"]})

    assert response.status_code == 302
    assert Inquiry.objects.get().name == "Grace"


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/x-www-form-urlencoded; charset=utf-16", b"name=Ada", 400),
        ("application/x-www-form-urlencoded; charset=nonsense", b"name=Ada", 422),
        ("application/x-www-form-urlencoded", b"name=%ff%fe&email=%c3%28&message=%80", 422),
        ("application/x-www-form-urlencoded", b"&&&=&%%%", 422),
        ("application/x-www-form-urlencoded", b"x=" + b"y" * 20_000_000, 400),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 5000), 400),
        ("multipart/form-data", b"no boundary", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense", 422),
        ("multipart/form-data; boundary=x; charset=utf-16", b"--x--\r\n", 422),
        ("application/json", b'{"name": "Ada"}', 415),
        ("text/plain", b"name=Ada", 415),
        ("", b"", 415),
    ],
)
def test_a_body_that_no_form_sends_is_refused(client, contact_url, content_type, body, status):
    response = client.generic("POST", contact_url, body, content_type=content_type)

    assert response.status_code == status
    assert not Inquiry.objects.exists()


@trials(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    fields=st.fixed_dictionaries(
        {},
        optional={
            name: st.text(max_size=300)
            for name in (
                "name", "email", "company", "message", "reference_2", "page", "about", "key",
                "seconds", "referrer", "utm_source", "utm_medium", "utm_campaign",
            )
        },
    )
)  # fmt: skip
def test_whatever_is_sent_is_answered(client, contact_url, fields):
    cache.clear()  # each is another visitor
    response = client.post(contact_url, {**ADA, **fields})

    assert response.status_code in (302, 422)


class TestWhereItComesFrom:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "http://testserver"},
            {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        ],
    )
    def test_our_own_pages_may_send_the_form(self, client, contact_url, headers, settings):
        response = client.post(contact_url, ADA, headers=headers)

        assert response.status_code == 302

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://testserver.evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        ],
    )
    def test_another_site_may_not(self, client, contact_url, headers):
        response = client.post(contact_url, ADA, headers=headers)

        assert response.status_code == 403
        assert not Inquiry.objects.exists()

    def test_no_token_is_asked_of_a_visitor(self, contact_url):
        response = Client(enforce_csrf_checks=True).post(contact_url, ADA)

        assert response.status_code == 302
        assert not response.cookies


@pytest.mark.parametrize("email", ["x", "ж", "字", "😀", "\n"])
def test_a_message_of_fifty_thousand_characters_is_kept_word_for_word(client, contact_url, email):
    message = "A" + email * 49_998 + "Z"
    sent = urlencode(ADA | {"message": message})

    answer = client.post(contact_url, sent, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 302
    assert Inquiry.objects.get().message == message


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("message", "ж" * 60_123, "Your message is 60,123 characters long; the limit is 50,000."),
        ("name", "x" * 121, "Your name is 121 characters long; the limit is 120."),
        ("company", "x" * 200, "Your company is 200 characters long; the limit is 160."),
        ("email", f"{'x' * 250}@example.com", "Your email address is 262 characters long"),
        ("email", f"a@{'ü' * 60}.example", "We cannot email"),
        ("email", "åse@example.no", "We cannot email an address with “å” before the @."),
    ],
)
def test_what_does_not_fit_is_said_by_name_and_kept(client, contact_url, field, value, said):
    answer = client.post(contact_url, ADA | {field: value})

    page = fromstring(answer.content.decode())
    assert answer.status_code == 422
    assert said in " ".join(page.xpath("//*[@role='alert']")[0].text_content().split())
    again = page.xpath(f"//*[@id='inquiry-{field}']")[0]
    assert value in (again.get("value"), (again.text or "").lstrip("\r\n"))


@pytest.mark.parametrize("typed", ["ａｄａ＠example.com", "ada@ｅxample。com"])
def test_full_width_emails_are_folded_for_their_owner_to_see(client, contact_url, typed):
    client.post(contact_url, ADA | {"email": typed})

    assert Inquiry.objects.get().email == "ada@example.com"


@pytest.mark.parametrize(
    "address", ["/contact/", "/contact/brief/", "/readiness/1/", "/readiness/4/", "/admin/login/",
                "/admin/pages/page/add/", "/admin/leads/company/add/", "/admin/offices/office/add/",
                "/admin/images/image/add/", "/admin/articles/author/add/"]
)  # fmt: skip
def test_no_field_is_cut_by_the_browser(address):
    answer = builders.signed_in(is_superuser=True).get(address, follow=True)

    assert answer.status_code == 200
    assert b"<textarea" in answer.content or b"<input" in answer.content
    assert b"maxlength" not in answer.content
