from django.urls import path

from web import disk, disk_page, health, limits, queries, request_lines
from web.contributions import ADMINISTRATOR, Contribution, Menu
from web.files import Folder
from web.metrics import gauges, page_cache
from web.screens import Screen

contribution = Contribution(
    # page_cache imports nothing of ours: its one model is named here
    not_shown=("web.DiskUse", "web.JobRun", "page_cache.ContentStamp"),
    no_pages=("web:healthz", "web:readyz", "web:status", "web:metrics"),
    navigation=(Menu("System", ("web.JobRun",), position=42),),
    admin_urls=lambda site: [
        path("status/", site.admin_view(health.status_for_staff), name="status"),
        path("disk/", site.admin_view(disk_page.page), name="disk"),
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
        Screen(
            "Disk",
            "admin:disk",
            group="Settings",
            position=71,
            permissions=("web.view_diskuse",),
            covers=("web.DiskUse",),
            words="space storage full growth size backups uploads database",
        ),
    ),
    counted=(
        request_lines.REQUESTS,
        request_lines.SECONDS,
        request_lines.QUERIES,
        page_cache.HITS,
        page_cache.MISSES,
        limits.REFUSED,
        queries.SLOW,
    ),
    gauges=gauges.OWN,
    rights={ADMINISTRATOR: {"jobrun": "view", "diskuse": "view"}},
    impersonal=(
        "web.DiskUse",
        "web.JobRun",
        "page_cache.ContentStamp",
    ),
    retention=(disk.RULE,),
    # Of Django's tables, and of page_cache, as well
    bounded={
        "auth.Group": "One per role.",
        "auth.Group_permissions": "As many as roles have rights.",
        "auth.Permission": "About four per table.",
        "contenttypes.ContentType": "One per table.",
        "page_cache.ContentStamp": "One row.",
        "sessions.Session": "Emptied by 0.3.0, and nothing writes to it any more.",
        "web.JobRun": "One per periodic job.",
    },
    folders=(
        Folder(
            "db.sqlite3*",
            "The database, where it is SQLite",
            "By what its tables hold; what is deleted leaves room for what comes.",
            is_counted_elsewhere=True,
        ),
        Folder("media", "Uploads", "See uploads.", is_counted_elsewhere=True),
        Folder("static", "Static files", "Those of three releases."),
        Folder(
            "queue",
            "The queue, where it is files",
            "Each is deleted when it is read; at most 100 that cannot be read are kept.",
        ),
        Folder("metrics", "Counts for /metrics", "A small file for each process, used again."),
        Folder("log", "Logs of dev.py run", "The one before is written over at each start."),
        *(
            Folder(name, "Marks of dev.py run", "A line each.")
            for name in ("run.lock", "migrated", "seeded", "collected")
        ),
    ),
)
