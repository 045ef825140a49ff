from django.urls import path

from web import health
from web.contributions import ADMINISTRATOR, Contribution, Menu
from web.screens import Screen

contribution = Contribution(
    # page_cache imports nothing of ours: its one model is named here
    not_shown=("web.JobRun", "page_cache.ContentStamp"),
    no_pages=("web:healthz", "web:readyz", "web:status"),
    navigation=(Menu("System", ("web.JobRun",), position=42),),
    admin_urls=lambda site: [
        path("status/", site.admin_view(health.status_for_staff), name="status")
    ],
    screens=(
        Screen(
            "Status",
            "admin:status",
            group="Settings",
            position=70,
            permissions=("mail.view_message", "web.view_jobrun"),
            covers=("web.JobRun",),
            words="health periodic jobs worker beat",
        ),
    ),
    rights={ADMINISTRATOR: {"jobrun": "view"}},
    impersonal=(
        "web.JobRun",
        "page_cache.ContentStamp",
    ),
)
