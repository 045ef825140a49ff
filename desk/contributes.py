from django.urls import path

from desk import finding, guides, keeping, keys, retention, style_page
from web.contributions import ADMINISTRATOR, Contribution, Menu
from web.personal import Personal
from web.screens import AROUND, Keys, Screen

contribution = Contribution(
    not_shown=(
        "desk.Act",
        "desk.AuditEvent",
        "desk.Dismissal",
        "desk.KeptForm",
        "desk.Presence",
        "desk.SentForm",
    ),
    never_changed={"desk_auditevent": "TRUE"},
    never_deleted={"desk_auditevent": "OLD.keep_until > {now}"},
    navigation=(Menu("System", ("desk.AuditEvent",), position=40),),
    rights={ADMINISTRATOR: {"auditevent": "view"}},
    personal=(
        Personal(
            "desk.KeptForm",
            "Unsaved forms",
            "A colleague typed this and has not saved it: it is the person’s own, or names them.",
            keeping.naming,
            called=("unsaved form", "unsaved forms"),
        ),
    ),
    impersonal=("desk.Act", "desk.Dismissal", "desk.Presence", "desk.SentForm"),
    retention=retention.RULES,
    admin_urls=lambda site: [
        path("tables/", site.admin_view(site.tables), name="tables"),
        path("find/", site.admin_view(finding.page), name="find"),
        path("keys/", site.admin_view(keys.page), name="keys"),
        path("guide/<slug:name>/", site.admin_view(guides.page), name="guide"),
        path("style/desk/", site.admin_view(style_page.page), name="desk_style"),
    ],
    screens=(
        Screen(name="Settings", position=43),
        Screen(
            "Audit log",
            "admin:desk_auditevent_changelist",
            group="Settings",
            position=65,
            permissions=("desk.view_auditevent",),
            covers=("desk.AuditEvent",),
            words="security events history who did what sign-ins trail",
        ),
        Screen("All tables", "admin:tables", group=AROUND, covers=("admin:app_list",)),
    ),
    keys=(
        Keys(
            "Everywhere",
            (
                ("Ctrl K or ⌘ K", "Find anything"),
                ("?", "These keys"),
                ("Esc", "Close what is open"),
                ("Ctrl Enter", "Send the form that you are typing in"),
            ),
            position=0,
        ),
    ),
    bounded={
        "desk.Dismissal": "As many as there are guides and staff.",
        "desk.SentForm": "Deleted half a minute later, by the next form.",
    },
)
