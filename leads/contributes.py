from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from leads import desk_urls, finding, home, people, personal, retention
from leads.acts import undoing
from leads.inbox.numbers import ALL, PIPELINE, of_navigation
from leads.insight import earned
from leads.intake import counting
from leads.keys import KEYS
from leads.models import DigestLine, Inquiry, Recipient, unheard
from leads.pipeline import assessments
from web.contributions import ADMINISTRATOR, EVERYTHING, PUBLISHER, SALES, Contribution, Menu
from web.diagnosis import Finding, ill, well
from web.public import Place, Section
from web.screens import SELLING, Action, Screen

# The sweep takes up what is due every ten seconds; older than this, nobody is at work.
OVERDUE = timedelta(minutes=5)


def llms() -> Iterator[Section]:
    brief = "describe a piece of work in six sections, with hints about what is missing or "
    brief += "ambiguous, and download it as Markdown"
    lines = [
        ("Contact", reverse("leads:contact"), "the inquiry form; a person answers"),
        ("Brief", reverse("leads:brief"), brief),
    ]
    yield Section("What we do", lines, position=22)


def warnings(request: HttpRequest) -> Iterator[str]:
    if request.user.has_perm("leads.view_inquiry") and not Recipient.objects.addresses():
        yield (
            "Nobody is notified of new inquiries. Add a recipient of inquiries, or give the "
            "headquarters an email address."
        )


def recipients() -> Iterator[Finding]:
    if Recipient.objects.addresses():
        yield well("Recipients of inquiries: there is at least one")
    else:
        yield ill(
            "Nobody is notified of new inquiries.",
            "In the admin, add a recipient under Settings, Recipients, or give the headquarters an "
            "email address.",
        )


def check_notifications() -> str:
    """Whether sales know of every inquiry that nobody has answered."""
    count = unheard().count()
    if not count:
        return "ok"
    return (
        f"The notification of {count} unanswered inquir{pluralize(count, 'y,ies')} has failed: "
        f"answer {pluralize(count, 'it,them')}, or send the email again."
    )


def check_inquiries() -> str:
    """Whether each inquiry was taken up."""
    overdue = Inquiry.objects.awaiting_notification().filter(
        received_at__lt=timezone.now() - OVERDUE
    )
    # Their digest comes at the full hour.
    late = DigestLine.objects.waiting().filter(
        created_at__lt=timezone.now() - timedelta(hours=1) - OVERDUE
    )
    count = overdue.count() + late.values("inquiry").distinct().count()
    if not count:
        return "ok"
    return f"Nobody has been notified of {count} inquir{pluralize(count, 'y,ies')}."


# Rules of retention delete inquiries and leads, with all that belongs to them.
BOUNDED = {
    "leads.Absence": "As many as staff enter.",
    "leads.Duty": "One per person and office.",
    "leads.Morning": "One per person.",
    "leads.Recipient": "As many as administrators enter.",
    "leads.SpamLesson": "One row.",
    "leads.Company": "Goes with its last person.",
    "leads.Contact": "Goes with their last inquiry and lead.",
    "leads.Change": "Goes with its person or company.",
    **dict.fromkeys(
        ("leads.Activity", "leads.Answer", "leads.Answer_inquiries", "leads.NextStep",
         "leads.Opened", "leads.ColleagueEmail", "leads.ColleagueEmail_leads"),
        "Goes with its lead.",
    ),
    **dict.fromkeys(
        ("leads.Brief", "leads.ByHand", "leads.Digest", "leads.Digest_inquiries",
         "leads.DigestLine", "leads.InquiryAssessment", "leads.InquiryKind",
         "leads.Notification", "leads.SpamMark"),
        "Goes with its inquiry.",
    ),
}  # fmt: skip

contribution = Contribution(
    places=(
        Place("leads:contact", "Contact", "contact inquiry email hire"),
        Place("leads:brief", "Write a brief", "brief specification scope project"),
    ),
    no_pages=("leads:assess", "leads:thanks"),
    llms=llms,
    ids="inquiry(-.*)?",
    not_shown=(
        "leads.Absence",
        "leads.Activity",
        "leads.Answer",
        "leads.Answer_inquiries",
        "leads.Brief",
        "leads.ByHand",
        "leads.Change",
        "leads.ColleagueEmail",
        "leads.ColleagueEmail_leads",
        "leads.Company",
        "leads.Contact",
        "leads.Digest",
        "leads.DigestLine",
        "leads.Digest_inquiries",
        "leads.Duty",
        "leads.NextStep",
        "leads.Inquiry",
        "leads.InquiryAssessment",
        "leads.InquiryKind",
        "leads.Lead",
        "leads.Morning",
        "leads.Notification",
        "leads.Opened",
        "leads.Recipient",
        "leads.SpamLesson",
        "leads.SpamMark",
    ),
    not_counted={"readiness.Assessment": assessments.of_spam},
    navigation=(
        Menu(
            "Sales",
            (
                "leads.Inquiry",
                "leads.Lead",
                "leads.Contact",
                "leads.Company",
                "leads.Recipient",
            ),
            position=10,
        ),
    ),
    undo=undoing.undo,
    admin_urls=desk_urls.urls,
    screens=(
        Screen(
            "Inbox",
            "admin:inbox",
            group=SELLING,
            position=10,
            permissions=("leads.view_lead",),
            covers=("leads.Inquiry", "admin:lead", "admin:lead_act"),
            count=lambda request: of_navigation(request)[ALL],
            words="inquiries waiting",
        ),
        Screen(
            "Pipeline",
            group=SELLING,
            position=11,
            count=lambda request: of_navigation(request)[PIPELINE],
        ),
        Screen(
            "Leads",
            "admin:pipeline",
            group="Pipeline",
            permissions=("leads.view_lead",),
            covers=("leads.Lead", "admin:add_by_hand", "admin:list_act"),
        ),
        Screen(
            "Inquiries",
            "admin:inquiries",
            group="Pipeline",
            permissions=("leads.view_inquiry",),
            words="spam suspected messages",
        ),
        Screen(
            "Calibration",
            "admin:leads_lead_calibration",
            group="Pipeline",
            position=51,
            permissions=("leads.view_lead",),
            words="win rates score readiness statistics",
        ),
        Screen(
            "Duty and absence",
            "admin:duty",
            group="Pipeline",
            position=52,
            permissions=("leads.view_duty",),
            words="away vacation holiday cover colleagues on duty",
        ),
        Screen(
            "People",
            "admin:people",
            group=SELLING,
            position=12,
            permissions=("leads.view_contact",),
            covers=("leads.Contact", "admin:person", "admin:change_person"),
            words="contacts",
        ),
        Screen(
            "Companies",
            "admin:companies",
            group=SELLING,
            position=13,
            permissions=("leads.view_company",),
            covers=("leads.Company", "admin:company", "admin:change_company"),
        ),
        Screen(
            "Recipients",
            "admin:leads_recipient_changelist",
            group="Settings",
            position=51,
            permissions=("leads.view_recipient",),
            covers=("leads.Recipient",),
            words="notifications of inquiries",
        ),
    ),
    actions=(
        Action("Add a lead by hand", "admin:add_by_hand", ("leads.change_lead",), words="new call"),
        Action("Add a company", "admin:leads_company_add", ("leads.add_company",), words="new"),
        Action(
            "Say that you are away",
            "admin:duty",
            ("leads.view_duty",),
            words="absence vacation holiday cover duty",
        ),
    ),
    keys=KEYS,
    finds=finding.finds,
    list_columns=(earned.columns,),
    home=home.cards,
    home_lists=home.lists,
    headline=home.headline,
    day=home.day,
    warnings=warnings,
    needs_second_factor=("leads.view_inquiry", "leads.view_lead", "leads.view_contact"),
    rights={
        SALES: {
            "inquiry": "view decide",
            "lead": "change view earned",
            "contact": "change view",
            "company": "add change view",
            "activity": "view",
            "change": "view",
            "nextstep": EVERYTHING,
            "notification": "view",
            "duty": "view",
            "absence": "view",
        },
        # What articles earned, in sums and without names
        PUBLISHER: {"lead": "earned"},
        ADMINISTRATOR: {
            "company": EVERYTHING,
            "recipient": EVERYTHING,
            "duty": "change view",
            "absence": EVERYTHING,
        },
    },
    checks={"notifications": check_notifications, "inquiries": check_inquiries},
    questions=(recipients,),
    counted=(counting.INQUIRIES,),
    gauges=(counting.gauges,),
    personal=personal.PERSONAL,
    # The lesson has only words that several people wrote, and is made anew from their inquiries.
    impersonal=("leads.Morning", "leads.SpamLesson"),
    known_as=people.known_as,
    people=people.suggestions,
    hand_on=people.hand_on,
    addresses=people.addresses,
    near_matches=people.near_matches,
    retention=retention.RULES,
    demo="leads.demo.part",
    bounded=BOUNDED,
)
