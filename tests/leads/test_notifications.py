import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection, transaction
from django.test.signals import template_rendered
from django.urls import reverse
from django.utils import timezone

from config.celery import app
from leads.intake import receiving
from leads.messages import links
from leads.messages.tasks import notify_about_inquiry
from leads.models import Brief, Inquiry, Notification, Recipient
from leads.spam.weighing import Sign
from leads.spam.weights import DOUBTFUL_FROM
from leads.tasks import send_missing_notifications
from mail.models import Message, Suppression
from pages.models import SiteSettings
from tests import builders
from tests.builders import SPAM
from tests.locks import wait_until_held_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_hand")]

ADA = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}


@pytest.fixture
def sales():
    return Recipient.objects.create(email="sales@example.org")


def receive(**fields) -> Inquiry:
    return receiving.receive(Inquiry(**{**ADA, **fields}))


def letter_to(mailoutbox, address):
    [email] = [email for email in mailoutbox if email.to == [address]]
    return email


def test_sales_and_the_visitor_are_notified_once_the_inquiry_is_safe(
    client, sales, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("leads:contact"), ADA)
        assert mailoutbox == []  # nothing leaves before the commit

    assert sorted(email.to for email in mailoutbox) == [
        ["ada@example.com"],
        ["sales@example.org"],
    ]
    assert Inquiry.objects.get().notified_at


def test_announcing_again_writes_no_further_email(sales):
    inquiry = receive()

    notify_about_inquiry(inquiry.pk)
    notify_about_inquiry(inquiry.pk)
    Inquiry.objects.update(notified_at=None)  # a worker that died before it wrote this down
    notify_about_inquiry(inquiry.pk)

    assert Message.objects.count() == Notification.objects.count() == 2


def test_the_sweep_finds_what_the_queue_lost(sales, django_capture_on_commit_callbacks, mailoutbox):
    receive()

    with django_capture_on_commit_callbacks(execute=True):
        send_missing_notifications()

    assert len(mailoutbox) == 2


def test_with_nobody_to_tell_the_inquiry_waits_and_the_visitor_hears_from_us():
    inquiry = receive()

    notify_about_inquiry(inquiry.pk)

    inquiry.refresh_from_db()
    assert inquiry.notified_at is None
    assert [notification.kind for notification in inquiry.notifications.all()] == ["acknowledgment"]

    Recipient.objects.create(email="sales@example.org")
    notify_about_inquiry(inquiry.pk)

    inquiry.refresh_from_db()
    assert inquiry.notified_at
    assert inquiry.notifications.count() == 2


def test_the_headquarters_is_notified_while_no_recipient_is_named():
    builders.office(is_headquarters=True, email="hq@example.org")

    notify_about_inquiry(receive().pk)

    assert Notification.objects.get(kind="notification").recipient == "hq@example.org"


def test_a_recipient_who_is_inactive_is_not_notified(sales):
    Recipient.objects.create(email="away@example.org", is_active=False)

    notify_about_inquiry(receive().pk)

    assert Notification.objects.get(kind="notification").recipient == "sales@example.org"


def test_nobody_is_notified_of_suspected_spam_until_it_is_marked_as_not_spam(
    sales, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        held = receiving.receive(Inquiry(**ADA), signs=SPAM)
        send_missing_notifications()
        notify_about_inquiry(held.pk)
    assert mailoutbox == []

    with django_capture_on_commit_callbacks(execute=True):
        assert receiving.mark_not_spam(held, by=builders.user(role="Sales"), at=timezone.now())

    assert len(mailoutbox) == 2
    held.refresh_from_db()
    assert held.verdict == Inquiry.Verdict.NOT_SPAM
    assert held.lead.activities.get().text == "Not spam"
    assert not receiving.mark_not_spam(held, by=builders.user(role="Sales"), at=timezone.now())


class TestComposing:
    """Costs whatever a stranger has typed; so it is done once, and holds up nobody."""

    def test_it_is_done_once_for_all_recipients(self, sales, rendered):
        for name in ("a-second", "a-third"):
            Recipient.objects.create(email=f"{name}@example.org")

        notify_about_inquiry(receive().pk)

        assert Notification.objects.filter(kind="notification").count() == 3
        assert [name for name, _ in rendered].count("leads/mail/notification.html") == 1

    def test_each_recipient_of_what_may_be_spam_has_links_of_their_own(self, sales):
        Recipient.objects.create(email="a-second@example.org")
        inquiry = receiving.receive(Inquiry(**ADA), signs=[Sign(DOUBTFUL_FROM, "It was fast.")])

        notify_about_inquiry(inquiry.pk)

        own = set()
        for notification in inquiry.notifications.filter(kind="notification"):
            for words in (notification.message.text, notification.message.html):
                tokens = re.findall(r"/decide/([^/\s\"]+)/", words)
                assert {links.read(one).address for one in tokens} == {notification.recipient}
                assert ".invalid" not in words
            own |= set(tokens)
        assert len(own) == 6  # take it, spam, not spam

    @pytest.mark.django_db(transaction=True)
    def test_it_holds_no_lock(self, sales, rendered):
        notify_about_inquiry(receive().pk)

        composed = [held for name, held in rendered if name.startswith("leads/mail/")]
        assert composed and not any(composed)

    def test_a_notification_that_cannot_be_composed_goes_out_without_the_words(self, sales, caplog):
        inquiry = receiving.receive(Inquiry(**ADA), brief=Brief(title="Refunds"))
        Brief.objects.update(findings=[{"not": "a finding"}])

        send_missing_notifications()
        notify_about_inquiry(inquiry.pk)

        inquiry.refresh_from_db()
        message = inquiry.notifications.get(kind="notification").message
        assert inquiry.notified_at and not Inquiry.objects.awaiting_notification().exists()
        assert message.reply_to == ADA["email"]
        assert inquiry.lead.get_absolute_url() in message.text
        assert inquiry.notifications.filter(kind="acknowledgment").exists()
        assert "could not be composed" in caplog.text

    def test_trouble_of_the_database_is_tried_again(self, sales):
        inquiry = receive(article=builders.article())
        fail = _fail_on("articles_revision")

        with pytest.raises(OperationalError), connection.execute_wrapper(fail):
            notify_about_inquiry(inquiry.pk)
        notify_about_inquiry(inquiry.pk)

        assert "We need a ledger." in inquiry.notifications.get(kind="notification").message.text


def _fail_on(table):
    def fail(execute, sql, params, many, context):
        if f'FROM "{table}"' in sql:
            raise OperationalError("the server is gone")
        return execute(sql, params, many, context)

    return fail


@pytest.fixture
def rendered():
    """The templates that are rendered, each with whether a transaction was open then."""
    found = []

    def note(template, **_):
        found.append((template.name, connection.in_atomic_block))

    template_rendered.connect(note)
    yield found
    template_rendered.disconnect(note)


class TestTheNotification:
    def test_it_says_everything_known_and_a_reply_goes_to_the_visitor(
        self, sales, mailoutbox, settings, django_capture_on_commit_callbacks
    ):
        settings.SITE_URL = "https://www.example.org"
        article = builders.article(text={"title": "Ledgers that add up"})
        with django_capture_on_commit_callbacks(execute=True):
            inquiry = receive(
                company="Engines",
                article=article,
                source_path=article.get_absolute_url(),
                referrer_host="news.example",
                utm_campaign="spring",
            )

        email = letter_to(mailoutbox, "sales@example.org")
        assert email.subject == "Inquiry from Ada, Engines"
        assert email.reply_to == ['"Ada" <ada@example.com>']
        html = email.alternatives[0].content
        lead_url = reverse("admin:lead", args=[inquiry.lead_id])
        for body in (email.body, html):
            for fact in (
                "Ada", "ada@example.com", "Engines", "We need a ledger.", "Ledgers that add up",
                "news.example", "spring", f"https://www.example.org{lead_url}",
            ):  # fmt: skip
                assert fact in body

    def test_the_visitors_markup_is_only_words_in_it(
        self, sales, mailoutbox, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            receive(message='<img src=x onerror=alert(1)> & "so"', company="<b>Engines</b>")

        email = letter_to(mailoutbox, "sales@example.org")
        html = email.alternatives[0].content
        assert "<img src=x" not in html and "<b>Engines" not in html
        assert '<img src=x onerror=alert(1)> & "so"' in email.body

    def test_a_name_with_line_breaks_makes_no_header(
        self, sales, mailoutbox, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            receive(name="Ada\r\nBcc: all@example.com", company="\u202eseiregnI")

        email = letter_to(mailoutbox, "sales@example.org")
        assert email.subject == "Inquiry from Ada Bcc: all@example.com, seiregnI"
        message = email.message()
        assert message["Bcc"] is None
        assert message["Reply-To"] == '"Ada Bcc: all@example.com" <ada@example.com>'

    @pytest.mark.parametrize(
        "name",
        [
            "Ada", "O'Hara, Ada", 'Ada "the" \\ Countess', "Ada <eve@evil.example>", "Åsa Öst",
            "=?utf-8?q?eve=40evil.example?=", "=?utf-8?b?RXZl?= <eve@evil.example>,",
            "علی\u200cرضا", "x" * 120, "字" * 120, "a@b.example",
        ],
    )  # fmt: skip
    def test_a_reply_goes_to_the_visitor_by_name_whatever_the_name(self, sales, name):
        notify_about_inquiry(receive(name=name).pk)

        sent = Message.objects.get(to="sales@example.org").as_email().message().as_bytes()
        [(shown, address)] = getaddresses([message_from_bytes(sent)["Reply-To"]])
        assert (str(make_header(decode_header(shown))), address) == (name, "ada@example.com")

    def test_it_says_by_when_to_answer_and_names_the_brief(self, sales):
        builders.office(is_headquarters=True, timezone="Europe/Copenhagen")
        inquiry = receiving.receive(Inquiry(**ADA), brief=Brief(title="Refunds in the billing API"))

        notify_about_inquiry(inquiry.pk)

        message = Message.objects.get(to="sales@example.org")
        due = inquiry.lead.respond_by.astimezone(ZoneInfo("Europe/Copenhagen"))
        assert message.subject == "Inquiry from Ada: Refunds in the billing API"
        for words in (message.text, message.html):
            assert f"{due:%A %-d %B %Y, %H:%M}" in words

    def test_no_page_is_named_twice(self, sales):
        article = builders.article()
        url = article.get_absolute_url()
        inquiry = receive(article=article, source_path=url, message="From the article")
        other = receive(article=article, source_path="/services/", message="From elsewhere")
        notify_about_inquiry(inquiry.pk)
        notify_about_inquiry(other.pk)

        of_it, of_the_other = (
            one.notifications.get(kind="notification").message for one in (inquiry, other)
        )
        assert of_it.text.count(url) == of_it.html.count(f'href="http://testserver{url}"') == 1
        assert "/services/" in of_the_other.text and url in of_the_other.text

    def test_repeat_notifications_are_in_the_thread_of_the_first(self, sales):
        for number in range(3):
            notify_about_inquiry(receive(message=f"Number {number}").pk)
        notify_about_inquiry(receive(email="eve@example.com").pk)

        *ours, of_eve = Message.objects.filter(to="sales@example.org").order_by("pk")
        first = ours[0].message_id
        assert [one.headers.get("In-Reply-To") for one in ours] == [None, first, first]
        assert [one.headers.get("References") for one in ours] == [None, first, first]
        assert not of_eve.headers
        assert "message 3 on this lead" in ours[2].text and "on this lead" not in ours[0].text

    def test_its_links_lead_to_the_configured_site_whatever_the_host_header_says(
        self, client, sales, mailoutbox, settings, django_capture_on_commit_callbacks
    ):
        settings.SITE_URL = "https://www.example.org"
        settings.ALLOWED_HOSTS = ["*"]
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("leads:contact"), ADA, headers={"Host": "evil.example"})

        assert len(mailoutbox) == 2
        for email in mailoutbox:
            assert "evil.example" not in str(email.message())
            assert "https://www.example.org" in email.body


class TestTheAcknowledgment:
    def test_it_says_none_of_the_visitors_words_and_is_marked_as_automatic(
        self, sales, mailoutbox, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            receive(name="Buy-pills", message="Cheap-watches", company="Casino-inc")

        email = letter_to(mailoutbox, "ada@example.com")
        whole = str(email.message()) + email.body + email.alternatives[0].content
        assert not any(word in whole for word in ("Buy-pills", "Cheap-watches", "Casino-inc"))
        assert email.message()["Auto-Submitted"] == "auto-replied"

    def test_it_names_us_and_an_answer_to_it_reaches_a_person(
        self, sales, mailoutbox, django_capture_on_commit_callbacks
    ):
        Recipient.objects.create(email="a-second@example.org")
        SiteSettings.objects.update(name="Engines & Sons")
        with django_capture_on_commit_callbacks(execute=True):
            receive()

        email = letter_to(mailoutbox, "ada@example.com")
        assert email.subject == "Engines & Sons has your message"
        assert email.reply_to == ["sales@example.org"]  # who was named first
        assert "writing to Engines & Sons." in email.body
        assert "writing to Engines &amp; Sons<" in email.alternatives[0].content

    @pytest.mark.parametrize(
        ("setting", "name", "sender"),
        [
            ("web@example.org", "Engines, Sons & Co.", '"Engines, Sons & Co." <web@example.org>'),
            ("web@example.org", "", "web@example.org"),
            ("Website <web@example.org>", "Engines", "Website <web@example.org>"),
        ],
    )
    def test_it_comes_from_us_by_name_unless_the_operator_gave_another(
        self, sales, settings, setting, name, sender
    ):
        settings.DEFAULT_FROM_EMAIL = setting
        SiteSettings.objects.update(name=name)

        notify_about_inquiry(receive().pk)

        for message in Message.objects.all():
            assert message.as_email().message()["From"] == sender

    def test_an_answer_is_not_asked_for_while_nobody_would_read_it(self):
        notify_about_inquiry(receive().pk)

        email = Message.objects.get()
        assert email.reply_to == ""
        assert "reply" not in email.text

    def test_one_address_gets_three_a_day_and_sales_hears_of_all(self, sales):
        for number in range(5):
            notify_about_inquiry(receive(message=f"Number {number}").pk)

        assert Notification.objects.filter(kind="acknowledgment").count() == 3
        assert Notification.objects.filter(kind="notification").count() == 5

    @pytest.mark.parametrize(
        "spellings",
        [
            ["ceo@victim.example", "ceo@ｖictim.example", '"ceo"@victim.example',
             "CEO@vｉctim.example"],
            [f"ceo+{number}@victim.example" for number in range(4)],
            ["i@bücher.example", "i@xn--bcher-kva.example", "i@bu\u0308cher.example",
             "I@BÜCHER.example"],
        ],
    )  # fmt: skip
    def test_three_a_day_are_counted_by_mailbox(self, sales, spellings):
        for number, address in enumerate(spellings):
            notify_about_inquiry(receive(email=address, message=f"Number {number}").pk)

        written = Notification.objects.filter(kind="acknowledgment")
        assert written.count() == 3
        assert len({notification.mailbox for notification in written}) == 1

    def test_all_visitors_together_get_so_many_an_hour(self, sales, settings, time_machine):
        settings.ACKNOWLEDGMENTS_PER_HOUR = 2
        for number in range(3):
            notify_about_inquiry(receive(email=f"visitor-{number}@example.com").pk)
        assert Notification.objects.filter(kind="acknowledgment").count() == 2
        assert Notification.objects.filter(kind="notification").count() == 3

        time_machine.move_to(timezone.now() + timedelta(hours=1, minutes=1))
        notify_about_inquiry(receive(email="visitor-4@example.com").pk)

        assert Notification.objects.filter(kind="acknowledgment").count() == 3

    @pytest.mark.django_db(transaction=True)
    def test_two_workers_at_once_do_not_pass_it(self, sales, settings):
        settings.ACKNOWLEDGMENTS_PER_HOUR = 1
        SiteSettings.objects.get_or_create(pk=1)  # nobody waits for who makes it
        app.conf.update(task_always_eager=False)  # or each would be announced as it comes
        first, second = [receive(email=f"visitor-{number}@example.com") for number in range(2)]

        def announce_on_another_connection():
            try:
                notify_about_inquiry(second.pk)
            finally:
                connection.close()

        with ThreadPoolExecutor() as other:
            with transaction.atomic():
                notify_about_inquiry(first.pk)
                act = other.submit(announce_on_another_connection)
                wait_until_held_up(act)
            act.result(timeout=30)

        assert Notification.objects.filter(kind="acknowledgment").count() == 1
        assert Notification.objects.filter(kind="notification").count() == 2

    @pytest.mark.parametrize(
        "address",
        ["mailer-daemon@example.com", "no-reply@shop.example", "me@localhost",
         "Sales+x@example.org", "hq@example.org"],
    )  # fmt: skip
    def test_robots_and_ourselves_get_none_and_sales_hears_of_it(self, sales, address):
        builders.office(email="hq@example.org")

        notify_about_inquiry(receive(email=address).pk)

        assert [notification.kind for notification in Notification.objects.all()] == [
            "notification"
        ]

    def test_the_next_day_there_are_three_more(self, sales, time_machine):
        for number in range(4):
            notify_about_inquiry(receive(message=f"Number {number}").pk)

        time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1))
        notify_about_inquiry(receive(message="Another day").pk)

        assert Notification.objects.filter(kind="acknowledgment").count() == 4

    @pytest.mark.parametrize(
        "email", ["ada@example.com", '"ada"@ｅxample.com', "ada+1@example.com"]
    )
    def test_a_suppressed_mailbox_gets_none(self, sales, email):
        Suppression.objects.create(address="ADA@example.com", why="Asked for it")

        notify_about_inquiry(receive(email=email).pk)

        assert [notification.kind for notification in Notification.objects.all()] == [
            "notification"
        ]


def test_an_address_that_sales_corrected_meanwhile_holds_up_nothing(sales):
    inquiry = receive()
    inquiry.contact.email = "ada@corrected.example"
    inquiry.contact.save()

    notify_about_inquiry(inquiry.pk)

    assert {notification.recipient for notification in inquiry.notifications.all()} == {
        "sales@example.org",
        "ada@example.com",
    }
