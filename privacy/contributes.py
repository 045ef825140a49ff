from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from mail.addresses import of_mailboxes
from privacy import receipts, repeating, retention
from privacy.models import Deletion, Hold, Request
from web.contributions import ADMINISTRATOR, PUBLISHER, SALES, Contribution, Menu
from web.files import Advice, Folder
from web.personal import Named, Personal
from web.public import Place
from web.retention import YEAR, Basis, Rule
from web.screens import RUNNING, Action, HomeCard, Screen

# What no program of ours can see to: whoever runs the server does.
BY_THE_OPERATOR = (
    Rule(
        "operator.log",
        "",
        "The web server’s log: time, page, IP address, and what the browser says of itself",
        "the request",
        days=14,
        at_least=1,
        at_most=180,
        why="To find faults and fend off attacks.",
        basis=Basis.INTEREST,
    ),
    Rule(
        "operator.backups",
        "",
        "Backups, which may still have what was deleted since",
        "they were made",
        days=settings.BACKUP_DAYS,
        at_least=settings.BACKUP_DAYS,
        at_most=settings.BACKUP_DAYS,
        why="To have everything back after a failure.",
        basis=Basis.INTEREST,
    ),
)

# Requests for one's own data
RULES = (
    Rule(
        "privacy.unconfirmed",
        "privacy.Request",
        "Requests about your data that nobody confirmed",
        "they were made",
        days=Request.OPEN_FOR.days,
        at_least=Request.OPEN_FOR.days,
        at_most=Request.OPEN_FOR.days,
        due=lambda before: Request.objects.filter(confirmed_at=None, asked_at__lt=before),
        why="To let you use the link.",
        basis=Basis.INTEREST,
    ),
    Rule(
        "privacy.done",
        "privacy.Request",
        "Requests about your data that we have answered",
        "we answered them",
        days=3 * YEAR,
        at_least=YEAR,
        at_most=10 * YEAR,
        due=lambda before: Request.objects.filter(done_at__lt=before),
        why="To prove that we did.",
        basis=Basis.INTEREST,
    ),
    Rule(
        "privacy.deletions",
        "privacy.Deletion",
        "That a record existed, by its number",
        "it was deleted",
        days=10 * YEAR,
        at_least=YEAR,
        at_most=15 * YEAR,
        due=lambda before: Deletion.objects.filter(deleted_at__lt=before),
    ),
)


def home(request: HttpRequest) -> Iterator[HomeCard]:
    if not request.user.has_perm("privacy.view_request"):
        return
    waiting = Request.objects.waiting()
    if count := waiting.count():
        is_late = waiting.filter(answer_by__lt=timezone.now()).exists()
        label = f"privacy request{pluralize(count)} to answer"
        url = reverse("admin:privacy_request_changelist")
        yield HomeCard(count, label, url, is_trouble=is_late)


def check_requests() -> str:
    """Whether each request about someone's own data was answered in its time."""
    late = Request.objects.waiting().filter(answer_by__lt=timezone.now()).count()
    return f"{late} privacy request{pluralize(late)} not answered in time." if late else "ok"


def addresses() -> Iterator[tuple[str, datetime | None]]:
    yield from Request.objects.exclude(address="").order_by().values_list("address", "asked_at")


def _requests(person: Named) -> QuerySet[Request]:
    return of_mailboxes(Request.objects.exclude(address=""), "address", person.addresses)


contribution = Contribution(
    places=(Place("privacy:request", "Your data", "privacy gdpr copy export erase delete"),),
    no_pages=("privacy:asked", "privacy:confirm"),
    one_visitors="/privacy/request/.",  # the links in emails
    # The privacy page shows what the newest version has from the settings.
    shown=("privacy.Wording",),
    not_shown=(
        "privacy.Deletion",
        "privacy.Erasure",
        "privacy.Hold",
        "privacy.Night",
        "privacy.NightCount",
        "privacy.Period",
        "privacy.Request",
    ),
    never_changed={
        "privacy_erasure": "TRUE",
        "privacy_wording": "TRUE",
        "privacy_night": "OLD.finished_at IS NOT NULL",
        "privacy_nightcount": """EXISTS (
            SELECT 1 FROM privacy_night night
            WHERE night.id = OLD.night_id AND night.finished_at IS NOT NULL
        )""",
    },
    never_deleted={
        "privacy_erasure": "TRUE",
        "privacy_wording": "TRUE",
        "privacy_night": "TRUE",
        "privacy_nightcount": "TRUE",
    },
    navigation=(
        Menu(
            "Privacy",
            (
                "privacy.Request",
                "privacy.Erasure",
                "privacy.Period",
                "privacy.Night",
                "privacy.Hold",
                "privacy.Deletion",
                "privacy.Wording",
            ),
            position=35,
        ),
    ),
    screens=(
        Screen("Privacy", group=RUNNING, position=42),
        Screen(
            "Requests",
            "admin:privacy_request_changelist",
            group="Privacy",
            position=0,
            permissions=("privacy.view_request",),
            covers=("privacy.Request",),
            words="gdpr access erasure export",
        ),
        Screen(
            "Erasures",
            "admin:privacy_erasure_changelist",
            group="Privacy",
            position=1,
            permissions=("privacy.view_erasure",),
            covers=("privacy.Erasure", "privacy.Deletion", "privacy.Hold"),
            words="erasures erase personal data export",
        ),
        Screen(
            "Retention",
            "admin:privacy_period_changelist",
            group="Privacy",
            position=2,
            permissions=("privacy.view_period",),
            covers=("privacy.Period", "privacy.Night"),
            words="how long kept old delete periods",
        ),
        Screen(
            "Privacy wordings",
            "admin:privacy_wording_changelist",
            group="Privacy",
            position=3,
            permissions=("privacy.view_wording",),
            covers=("privacy.Wording",),
        ),
    ),
    actions=(
        Action(
            "Erase or export what is stored about a person",
            "admin:privacy_erasure_add",
            ("privacy.add_erasure",),
            words="privacy gdpr delete data",
        ),
    ),
    needs_second_factor=("privacy.add_erasure",),
    rights={
        PUBLISHER: {"wording": "view"},
        SALES: {"wording": "view", "request": "view"},
        # Whoever may add an erasure may erase people, and see all that is stored about them.
        ADMINISTRATOR: {
            "wording": "view",
            "erasure": "add view",
            "deletion": "view",
            "period": "change view",
            "night": "view",
            "nightcount": "view",
            "hold": "add delete view",
            "request": "change view",
        },
    },
    home=home,
    checks={"retention": retention.check, "requests": check_requests},
    retention=(*RULES, *BY_THE_OPERATOR),
    addresses=addresses,
    personal=(
        Personal(
            "privacy.Request",
            "Privacy requests",
            "Asked for with their address, and never confirmed.",
            lambda person: _requests(person).filter(confirmed_at=None),
        ),
        Personal(
            "privacy.Request",
            "Privacy requests",
            "That they asked for their data, and when they were answered, has to be proved.",
            lambda person: _requests(person).filter(confirmed_at__isnull=False),
            stays=True,
            emptied={"address": "", "mailbox": ""},
            handed_on=("done_at", "done_by"),
        ),
        Personal(
            "privacy.Hold",
            "People to keep",
            "A colleague marked them: no rule deletes what is stored about them.",
            lambda person: Hold.objects.filter(mailbox__in=person.addresses),
        ),
    ),
    impersonal=(
        "privacy.Deletion",
        "privacy.Erasure",
        "privacy.Night",
        "privacy.NightCount",
        "privacy.Period",
        "privacy.Wording",
    ),
    bounded={
        "privacy.Erasure": "One for each erasure, kept as proof.",
        "privacy.Hold": "As many as administrators mark.",
        "privacy.Night": "One a day, kept as proof: 40 kB a year.",
        "privacy.NightCount": "One per rule and day that deleted something: 1 MB a year at most.",
        "privacy.Period": "One per rule.",
        "privacy.Wording": "One each time that the privacy page or a period changes.",
    },
    advice=(
        Advice(
            "Database",
            "Keep old data for a shorter time, under Retention.",
            "admin:privacy_period_changelist",
        ),
    ),
    beside_backups=(receipts.NAME,),
    after_restore=repeating.after_restore,
    folders=(
        Folder(
            receipts.NAME,
            "Receipts of erasures",
            "A line of 200 bytes for each erasure, kept so that a restored backup repeats it.",
        ),
    ),
)
