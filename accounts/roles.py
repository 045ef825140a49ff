"""What each role may do. Each app says it of its own models; the groups in the database follow.

A person may hold several roles. Rights given to a group by hand are taken back at the next
`migrate`: change what the app says instead.
"""

from django.apps import AppConfig
from django.apps import apps as all_apps
from django.apps.registry import Apps

from web.contributions import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES, contributions

__all__ = [
    "ADMINISTRATOR",
    "AUTHOR",
    "PUBLISHER",
    "ROLES",
    "SALES",
    "keep_roles_in_step",
    "rights_of",
]

ROLES = (AUTHOR, PUBLISHER, SALES, ADMINISTRATOR)
# Whoever administers may do all that these may.
INCLUDED = {ADMINISTRATOR: (PUBLISHER, SALES)}


def rights_of(role: str) -> dict[str, dict[str, str]]:
    """By app and model, the actions: what the role may do itself goes before what it includes."""
    rights: dict[str, dict[str, str]] = {}
    for app, one in contributions().items():
        roles = [*INCLUDED.get(role, ()), role]
        models: dict[str, str] = {}
        for each in roles:
            models |= one.rights.get(each, {})
        if models:
            rights[app] = models
    return rights


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
    for role in ROLES:
        wanted = {
            f"{action}_{model}"
            for model, actions in rights_of(role).get(sender.label, {}).items()
            for action in actions.split()
        }
        group, _ = Group.objects.using(using).get_or_create(name=role)
        group.permissions.remove(*(p for name, p in by_codename.items() if name not in wanted))
        group.permissions.add(*(by_codename[name] for name in wanted))
