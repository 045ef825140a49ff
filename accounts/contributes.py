from django.urls import path

from accounts import own_zone
from web.contributions import ADMINISTRATOR, Contribution, Menu, Personal

contribution = Contribution(
    not_shown=("accounts.User", "accounts.User_groups", "accounts.User_user_permissions"),
    # Their log entries, the receipts of erasure among them, would go along.
    never_deleted={"accounts_user": "TRUE"},
    navigation=(Menu("System", ("accounts.User",), position=41),),
    admin_urls=lambda site: [path("time-zone/", site.admin_view(own_zone.page), name="own_zone")],
    rights={ADMINISTRATOR: {"user": "add change view"}},  # nobody is ever deleted
    personal=(
        Personal(
            "accounts.User",
            "Stays: colleagues are deactivated, because the log names who did what.",
        ),
    ),
    impersonal=(
        "accounts.User_groups",
        "accounts.User_user_permissions",
    ),
)
