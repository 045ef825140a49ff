from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from desk.matching import matching
from mail import eml_files, gauges
from mail.addresses import nearly_of_mailboxes, of_mailboxes, untagged
from mail.models import Message, Suppression
from mail.retention import RULES
from web.contributions import ADMINISTRATOR, EVERYTHING, SALES, Contribution, Menu
from web.files import Folder
from web.personal import SAME_MAILBOX, Named, NearMatch, Personal
from web.screens import RUNNING, Found, HomeCard, Screen

# The sweep takes up what is due every five seconds; older than this, nobody is at work.
OVERDUE = timedelta(minutes=5)


def check() -> str:
    """Whether emails leave."""
    now = timezone.now()
    overdue = Message.objects.due(now).filter(due_at__lt=now - OVERDUE).count()
    if overdue:
        return f"{_emails(overdue)} due and not tried yet: is the sender running?"
    stuck = Message.objects.undelivered().filter(created_at__lt=now - OVERDUE, unconfirmed=0)
    if not (count := stuck.count()):
        return "ok"
    return f"{_emails(count)} not sent within five minutes."


def _emails(count: int) -> str:
    return f"{count} email{pluralize(count, ' is,s are')}"


def home(request: HttpRequest) -> Iterator[HomeCard]:
    if request.user.has_perm("mail.view_message"):
        failed = Message.objects.failed().count()
        url = f"{reverse('admin:mail_message_changelist')}?state=failed"
        yield HomeCard(failed, f"failed email{pluralize(failed)}", url, is_trouble=bool(failed))


def finds(request: HttpRequest, words: str) -> Iterator[Found]:
    if request.user.has_perm("mail.view_message"):
        for message in matching(Message.objects.defer("text", "html"), words, "subject", "to"):
            url = reverse("admin:mail_message_change", args=[message.pk])
            about = f"{message.get_state_display()}, to {message.to}"
            yield Found(message.subject, url, "Emails", about)


def addresses() -> Iterator[tuple[str, datetime | None]]:
    last = Message.objects.order_by().values("to").annotate(last=Max("created_at"))
    yield from last.values_list("to", "last")


def near_matches(person: Named) -> Iterator[NearMatch]:
    emails = nearly_of_mailboxes(Message.objects.all(), "to", person.addresses)
    for address in emails.order_by().values_list("to", flat=True).distinct():
        yield NearMatch("", address, SAME_MAILBOX)


contribution = Contribution(
    not_shown=("mail.Message", "mail.Suppression"),
    navigation=(Menu("System", ("mail.Message", "mail.Suppression"), position=40),),
    screens=(
        Screen("Email", group=RUNNING, position=40),
        Screen(
            "Emails",
            "admin:mail_message_changelist",
            group="Email",
            permissions=("mail.view_message",),
            covers=("mail.Message",),
            words="messages outbox sent failed",
        ),
        Screen(
            "Suppressed addresses",
            "admin:mail_suppression_changelist",
            group="Email",
            position=51,
            permissions=("mail.view_suppression",),
            covers=("mail.Suppression",),
            words="unsubscribed bounced",
        ),
    ),
    finds=finds,
    home=home,
    needs_second_factor=("mail.view_message",),
    rights={
        SALES: {"message": "view resend"},
        ADMINISTRATOR: {"suppression": EVERYTHING},
    },
    checks={"mail": check},
    gauges=(gauges.emails,),
    personal=(
        Personal(
            "mail.Message",
            "Emails",
            "Sent to them.",
            lambda person: of_mailboxes(Message.objects.all(), "to", person.addresses),
            hidden=Message.TECHNICAL,
        ),
        Personal(
            "mail.Suppression",
            "Suppressed addresses",
            "An opt-out only works if the address is kept.",
            lambda person: Suppression.objects.filter(
                mailbox__in=[untagged(address) for address in person.addresses]
            ),
            stays=True,
        ),
    ),
    addresses=addresses,
    delete_files=eml_files.delete,
    near_matches=near_matches,
    retention=RULES,
    bounded={"mail.Suppression": "As many as mailboxes that want or can get no email."},
    folders=(
        Folder(
            "mail",
            "Emails as files",
            "Written where there is no mail server, and deleted after 30 days.",
            eml_files.delete_old,
        ),
    ),
)
