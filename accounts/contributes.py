from collections.abc import Iterator

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import path, reverse

from accounts import account_page, due, factor_pages, link_pages, own_zone, sign_in
from accounts.models import (
    Familiar,
    PasswordLink,
    RecoveryCode,
    SecondFactor,
    Session,
    User,
)
from desk.matching import matching
from desk.models import AuditEvent
from mail.addresses import of_mailboxes
from web.contributions import ADMINISTRATOR, Contribution, Menu
from web.personal import Named, Personal
from web.screens import RUNNING, Action, Found, Screen

# Of colleagues, whom `accounts.User` speaks for; all but the second factor end by themselves.
LEFT_BY_SIGNING_IN = tuple(
    model._meta.label for model in (Familiar, PasswordLink, RecoveryCode, SecondFactor, Session)
)


def finds(request: HttpRequest, words: str) -> Iterator[Found]:
    if request.user.has_perm("accounts.view_user"):
        for person in matching(User.objects.all(), words, "name", "email"):
            url = reverse("admin:accounts_user_change", args=[person.pk])
            about = person.email if person.is_active else f"{person.email}, deactivated"
            yield Found(person.name, url, "Staff", about)


def audit_events(person: Named) -> QuerySet[AuditEvent]:
    """What a colleague did, and what was done to their account."""
    theirs = of_mailboxes(User.objects.all(), "email", person.addresses)
    keys = theirs.order_by().values(key=Cast("pk", TextField()))
    about = Q(about_model="accounts.user", about_key__in=keys)
    return AuditEvent.objects.filter(Q(by__in=theirs.order_by().values("pk")) | about)


contribution = Contribution(
    not_shown=(
        "accounts.User",
        "accounts.User_groups",
        "accounts.User_user_permissions",
        *LEFT_BY_SIGNING_IN,
    ),
    # Their log entries would go along.
    never_deleted={"accounts_user": "TRUE"},
    navigation=(Menu("System", ("accounts.User",), position=41),),
    admin_urls=lambda site: [
        path("login/", sign_in.page, name="login"),
        path("forgot-password/", link_pages.forgot, name="forgot_password"),
        path("choose-password/", link_pages.choose, name="choose_password"),
        path("choose-password/<str:said>/", link_pages.open_link, name="open_link"),
        path(
            "password_change/",
            site.admin_view(account_page.change_password),
            name="password_change",
        ),
        path("account/", site.admin_view(account_page.page), name="account"),
        path("account/end/", site.admin_view(account_page.end_session), name="end_session"),
        path("account/factor/", site.admin_view(factor_pages.page), name="second_factor"),
        path("account/codes/", site.admin_view(factor_pages.new_codes), name="recovery_codes"),
        path("time-zone/", site.admin_view(own_zone.page), name="own_zone"),
    ],
    warnings=due.warnings,
    needs_second_factor=("accounts.change_user",),
    screens=(
        Screen(
            "Staff",
            "admin:accounts_user_changelist",
            group=RUNNING,
            position=41,
            permissions=("accounts.view_user",),
            covers=("accounts.User",),
            words="colleagues users roles",
        ),
        Screen(
            "Your account",
            "admin:account",
            group="Settings",
            position=48,
            covers=("admin:password_change", "admin:second_factor", "admin:recovery_codes"),
            words="password sessions second factor sign in devices",
        ),
        Screen("Time zone", "admin:own_zone", group="Settings"),
    ),
    actions=(
        Action(
            "Add a colleague",
            "admin:accounts_user_add",
            ("accounts.add_user",),
            words="new staff user login",
        ),
        Action("Change your password", "admin:password_change"),
        Action(
            "Set up your second factor", "admin:second_factor", words="totp 2fa authenticator codes"
        ),
        Action("End your other sessions", "admin:account", words="devices sign out everywhere"),
        Action("Choose your time zone", "admin:own_zone", words="timezone clock"),
    ),
    finds=finds,
    rights={ADMINISTRATOR: {"user": "add change view"}},  # nobody is ever deleted
    personal=(
        Personal(
            "accounts.User",
            "Staff",
            "Colleagues are deactivated: receipts and history name who did what.",
            lambda person: of_mailboxes(User.objects.all(), "email", person.addresses),
            stays=True,
            hidden=("password",),
        ),
        Personal(
            "desk.AuditEvent",
            "Audit log",
            "The audit log says what colleagues did, for as long as a line of it is kept.",
            audit_events,
            stays=True,
        ),
    ),
    impersonal=(
        "accounts.User_groups",
        "accounts.User_user_permissions",
        *LEFT_BY_SIGNING_IN,
    ),
    bounded={
        "accounts.User": "As many as people who ever worked here: nobody is deleted.",
        "accounts.User_groups": "As many as staff have roles.",
        "accounts.User_user_permissions": "As many as staff have rights of their own.",
        "accounts.Familiar": "Deleted 30 days after the last sign-in from there, each hour.",
        "accounts.PasswordLink": "Deleted 30 days after it was made, each hour.",
        "accounts.RecoveryCode": "Ten per person at most.",
        "accounts.SecondFactor": "One per person.",
        "accounts.Session": "Deleted when it ends, after twelve hours at the latest, each hour.",
    },
)
