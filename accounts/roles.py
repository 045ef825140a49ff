"""What each role may do. This table is the truth; the groups in the database follow it.

Permissions are named, not imported, so this app still knows none of the others. A person may
hold several roles. Rights given to a group by hand are taken back at the next `migrate`: change
the table instead.
"""

from django.apps import AppConfig
from django.apps import apps as all_apps
from django.apps.registry import Apps

AUTHOR = "Author"
PUBLISHER = "Publisher"
SALES = "Sales"
ADMINISTRATOR = "Administrator"

EVERYTHING = "add change delete view"

Rights = dict[str, dict[str, str]]  # app -> model -> actions


def _together(*several: Rights) -> Rights:
    """All of them; where two name a model, the later one says what may be done with it."""
    apps = {app for rights in several for app in rights}
    return {
        app: {
            model: actions for rights in several for model, actions in rights.get(app, {}).items()
        }
        for app in sorted(apps)
    }


# What visitors see.
CONTENT: Rights = {
    "articles": {
        "article": f"{EVERYTHING} publish",
        "topic": EVERYTHING,
        "author": EVERYTHING,
        "series": EVERYTHING,
        "searchcount": "view",
    },
    "images": {"image": EVERYTHING},
    "offices": {"office": EVERYTHING},
    "pages": {
        "sitesettings": "change view",
        "service": EVERYTHING,
        "feature": EVERYTHING,
        "page": EVERYTHING,
        "menulink": EVERYTHING,
        "redirect": EVERYTHING,
        "missingpage": "delete view",
    },
    "readiness": {
        "questionset": f"{EVERYTHING} publish",
        "dimension": EVERYTHING,
        "question": EVERYTHING,
        "option": EVERYTHING,
        "result": EVERYTHING,
        "rule": EVERYTHING,
    },
}

# The leads, and the letters that belong to them.
SELLING: Rights = {
    "leads": {
        "inquiry": "view release",
        "lead": "change view",
        "contact": "change view",
        "company": "add change view",
        "activity": "view",
        "followup": EVERYTHING,
        "notice": "view",
    },
    "mail": {"message": "view resend"},
}

ROLES: dict[str, Rights] = {
    # Writes and asks for review; what visitors read stays out of reach.
    AUTHOR: {
        "articles": {"article": "add change view", "topic": "view", "author": "view"},
        "images": {"image": "add view"},  # and the words of one's own: see ImageAdmin
    },
    # Marketing: publishes, and owns the copy of the whole site.
    PUBLISHER: CONTENT,
    SALES: SELLING,
    ADMINISTRATOR: _together(
        CONTENT,
        SELLING,
        {
            "accounts": {"user": "add change view"},  # nobody is ever deleted
            "leads": {
                "contact": "change view erase",
                "company": EVERYTHING,
                "deletion": "view",
                "recipient": EVERYTHING,
            },
            "mail": {"suppression": EVERYTHING},
            "pages": {"jobrun": "view"},
        },
    ),
}


def keep_roles_in_step(
    sender: AppConfig, using: str, apps: Apps = all_apps, **kwargs: object
) -> None:
    """Give each role exactly what the table says for the app that was just migrated.

    Runs after Django has made the app's permissions; repeating it changes nothing.
    """
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    held_here = Permission.objects.using(using).filter(content_type__app_label=sender.label)
    by_codename = {permission.codename: permission for permission in held_here}
    if not by_codename:
        return
    for role, rights in ROLES.items():
        wanted = {
            f"{action}_{model}"
            for model, actions in rights.get(sender.label, {}).items()
            for action in actions.split()
        }
        group, _ = Group.objects.using(using).get_or_create(name=role)
        group.permissions.remove(*(p for name, p in by_codename.items() if name not in wanted))
        group.permissions.add(*(by_codename[name] for name in wanted))
