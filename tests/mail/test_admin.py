import lxml.html
import pytest
from django.urls import reverse
from django.utils import timezone

from mail import outbox
from mail.models import Message
from mail.tasks import deliver
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(client):
    client.force_login(builders.user(role="Sales"))
    return client


@pytest.fixture
def message():
    return outbox.put(
        key="one", to="ada@example.com", subject="Hello", text="Good day.", html="<p>Good day.</p>"
    )


def test_an_email_and_its_delivery_are_visible(sales, message):
    Message.objects.update(state="failed", error="550 No such user", attempts=3)

    listed = sales.get(reverse("admin:mail_message_changelist"))
    shown = sales.get(reverse("admin:mail_message_change", args=[message.pk]))

    for page in (listed, shown):
        assert "550 No such user" in page.content.decode()
        assert "Failed" in page.content.decode()
    assert "Good day." in shown.content.decode()


def test_an_emails_html_can_do_nothing(sales, message):
    response = sales.get(reverse("admin:mail_message_html", args=[message.pk]))

    assert response.content == b"<p>Good day.</p>"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"  # it stands in a frame of the admin


def test_an_email_is_sent_again_by_one_action(
    sales, message, worker_at_hand, mailoutbox, django_capture_on_commit_callbacks
):
    Message.objects.update(state="failed", error="550 No such user", attempts=3)

    with django_capture_on_commit_callbacks(execute=True):
        response = sales.post(
            reverse("admin:mail_message_changelist"),
            {"action": "send_again", "_selected_action": [message.pk], "confirmed": "1"},
            follow=True,
        )

    assert "1 queued to be sent again" in response.content.decode()
    message.refresh_from_db()
    assert message.state == Message.State.SENT
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("sent", "This email was sent before. Anyone who received it will get a second copy."),
        ("failed", "This email will be tried again at once."),
    ],
)
def test_before_an_email_is_sent_again_the_desk_asks(sales, message, state, said):
    sent_at = timezone.now() if state == "sent" else None
    Message.objects.update(state=state, sent_at=sent_at)
    outbox_of_the_desk = reverse("admin:mail_message_changelist")

    page = sales.post(
        outbox_of_the_desk, {"action": "send_again", "_selected_action": [message.pk]}
    )
    message.refresh_from_db()
    assert message.state == state
    assert said in " ".join(page.text.split())
    assert message.to in page.text

    [form] = lxml.html.fromstring(page.content).xpath("//form[@class='decide']")
    answer = sales.post(form.get("action"), dict(form.fields), follow=True)
    assert "1 queued to be sent again" in answer.text


def test_nobody_writes_edits_or_deletes_an_email(admin_client, message):
    change = reverse("admin:mail_message_change", args=[message.pk])

    assert admin_client.get(reverse("admin:mail_message_add")).status_code == 403
    assert admin_client.post(change, {"subject": "Other"}).status_code == 403
    assert (
        admin_client.post(reverse("admin:mail_message_delete", args=[message.pk])).status_code
        == 403
    )


@pytest.mark.parametrize("role", ["Author", "Publisher"])
def test_emails_are_not_for_those_who_write_articles(client, message, role):
    client.force_login(builders.user(role=role))

    for name, args in [
        ("changelist", []),
        ("change", [message.pk]),
        ("html", [message.pk]),
        ("files", []),
        ("file", ["a.eml"]),
    ]:
        assert client.get(reverse(f"admin:mail_message_{name}", args=args)).status_code == 403


class TestEmailsWrittenToFiles:
    @pytest.fixture(autouse=True)
    def files(self, settings, tmp_path):
        settings.EMAIL_BACKEND = "mail.backends.EmlFileBackend"
        settings.EMAIL_FILE_PATH = tmp_path / "mail"

    def test_each_email_is_a_file_and_readable_in_the_admin(self, sales, message, settings):
        message.as_email().send()

        [file] = settings.EMAIL_FILE_PATH.glob("*.eml")
        listed = sales.get(reverse("admin:mail_message_files"))
        shown = sales.get(reverse("admin:mail_message_file", args=[file.name]))
        html = sales.get(reverse("admin:mail_message_file_html", args=[file.name]))

        assert "Hello" in listed.content.decode()
        assert message.message_id.strip("<>") in shown.content.decode()
        assert "Good day." in shown.content.decode()
        assert b"<p>Good day.</p>" in html.content

    def test_no_email_yet_is_said_with_what_to_do(self, sales):
        page = sales.get(reverse("admin:mail_message_files")).content.decode()

        assert "No email has been written yet" in page

    @pytest.mark.parametrize("name", ["none.eml", "..%2Fdb.eml", "db.sqlite3", "%00.eml", ".eml"])
    def test_a_name_is_never_a_path(self, sales, name):
        response = sales.get(f"/admin/mail/message/files/{name}/")

        assert response.status_code in (
            302,
            400,
            404,
        )  # to the list, as every unknown admin address

    def test_a_broken_file_breaks_nothing(self, sales, settings):
        settings.EMAIL_FILE_PATH.mkdir()
        (settings.EMAIL_FILE_PATH / "broken.eml").write_bytes(
            b"Content-Type: text/html; charset=nonsense\r\nSubject: =?x?q?\xff?=\r\n\r\n\xff\x00"
        )

        assert sales.get(reverse("admin:mail_message_files")).status_code == 200

    def test_one_that_goes_while_they_are_read_is_left_out(self, sales, message, settings):
        message.as_email().send()
        gone = settings.EMAIL_FILE_PATH / "9.eml"
        gone.symlink_to("nowhere.eml")  # listed, and not there

        listed = sales.get(reverse("admin:mail_message_files"))

        assert listed.status_code == 200
        assert "Hello" in listed.text and gone.name not in listed.text


def test_what_is_private_is_read_nowhere_at_the_desk(sales, settings, tmp_path, worker_at_hand):
    settings.EMAIL_BACKEND = "mail.backends.EmlFileBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    secret = {"text": "https://example.com/once", "html": "<p>once</p>", "is_private": True}
    message = outbox.put(key="two", to="ada@example.com", subject="For you", **secret)
    before = sales.get(reverse("admin:mail_message_change", args=[message.pk])).text
    deliver.delay()
    [file] = tmp_path.glob("*.eml")
    message.refresh_from_db()

    assert "example.com/once" in file.read_text()
    assert "For you" in before and "example.com/once" not in before
    assert sales.get(reverse("admin:mail_message_html", args=[message.pk])).status_code == 404
    assert sales.get(reverse("admin:mail_message_files")).status_code == 200
    assert sales.get(reverse("admin:mail_message_file", args=[file.name])).status_code == 404
    assert sales.get(reverse("admin:mail_message_file_html", args=[file.name])).status_code == 404
    assert (message.state, message.text, message.html) == ("sent", "", "")


def test_where_there_is_a_mail_server_no_files_are_spoken_of(sales, message, settings):
    page = sales.get(reverse("admin:mail_message_changelist")).content.decode()

    assert "Emails written to files" not in page
    assert sales.get(reverse("admin:mail_message_files")).status_code == 404


def test_times_are_shown_when_sent(sales, message):
    Message.objects.update(state="sent", sent_at=timezone.now())

    page = sales.get(reverse("admin:mail_message_changelist")).content.decode()

    assert "Sent" in page


def test_what_is_possibly_delivered_says_so_and_can_be_listed(sales, message):
    outbox.put(key="two", to="grace@example.com", subject="Another", text="Good day.")
    Message.objects.filter(pk=message.pk).update(unconfirmed=1)

    page = sales.get(reverse("admin:mail_message_changelist", query={"state": "possibly"}))

    assert "Possibly delivered</span>" in page.text
    assert "ada@example.com" in page.text
    assert "grace@example.com" not in page.text


@pytest.mark.parametrize(("state", "count"), [("queued", 1), ("failed", 1), ("sent", 0)])
def test_emails_are_listed_by_state(sales, message, state, count):
    outbox.put(key="two", to="grace@example.com", subject="Another", text="Good day.")
    Message.objects.filter(pk=message.pk).update(state="failed")

    page = sales.get(reverse("admin:mail_message_changelist", query={"state": state}))

    assert page.context["cl"].result_count == count


def test_what_is_being_sent_is_not_queued_a_second_time(sales, message):
    Message.objects.filter(pk=message.pk).claim(now=timezone.now())

    page = sales.post(
        reverse("admin:mail_message_changelist"),
        {"action": "send_again", "_selected_action": [message.pk], "confirmed": "1"},
        follow=True,
    )

    assert "being sent right now" in page.text
    assert Message.objects.get().attempts == 1
