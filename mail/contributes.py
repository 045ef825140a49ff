from datetime import timedelta

from django.template.defaultfilters import pluralize
from django.utils import timezone

from mail.addresses import of_mailboxes, untagged
from mail.models import Message, Suppression
from web.contributions import ADMINISTRATOR, EVERYTHING, SALES, Contribution, Menu
from web.personal import Personal

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


contribution = Contribution(
    not_shown=("mail.Message", "mail.Suppression"),
    navigation=(Menu("System", ("mail.Message", "mail.Suppression"), position=40),),
    rights={
        SALES: {"message": "view resend"},
        ADMINISTRATOR: {"suppression": EVERYTHING},
    },
    checks={"mail": check},
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
)
