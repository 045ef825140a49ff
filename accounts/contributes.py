from django.urls import path

from accounts import own_zone
from accounts.models import User
from mail.addresses import of_mailboxes
from web.contributions import ADMINISTRATOR, Contribution, Menu
from web.personal import Personal

contribution = Contribution(
    not_shown=("accounts.User", "accounts.User_groups", "accounts.User_user_permissions"),
    # Their log entries would go along.
    never_deleted={"accounts_user": "TRUE"},
    navigation=(Menu("System", ("accounts.User",), position=41),),
    admin_urls=lambda site: [path("time-zone/", site.admin_view(own_zone.page), name="own_zone")],
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
    ),
    impersonal=(
        "accounts.User_groups",
        "accounts.User_user_permissions",
    ),
)
