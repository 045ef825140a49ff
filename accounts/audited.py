"""What becomes of accounts, told to the audit log: whoever changes them, from wherever.

Django's own signals say when someone signs in or out. Who may do what is a matter of rows, so it
is rows that are watched.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import m2m_changed, post_save, pre_save

from accounts.models import User
from desk import audit
from desk.audit import Kind

# Fields that decide what an account may do: what is said when one is taken away, or given.
SAID = {
    "is_active": ("Deactivated", "Activated"),
    "is_staff": ("Shut out of the admin", "Let into the admin"),
    "is_superuser": ("No longer a superuser", "Made a superuser"),
}
WATCHED = (*SAID, "email")


def watch() -> None:
    """Called once, when the models are loaded."""
    for signal, receiver in (
        (user_logged_in, signed_in),
        (user_logged_out, signed_out),
        (user_login_failed, failed_to_sign_in),
    ):
        signal.connect(receiver, dispatch_uid=f"accounts.{receiver.__name__}")
    pre_save.connect(remember, sender=User, dispatch_uid="accounts.remember")
    post_save.connect(saved, sender=User, dispatch_uid="accounts.saved")
    for held in (User.groups.through, User.user_permissions.through):
        m2m_changed.connect(held_changed, sender=held, dispatch_uid=f"accounts.{held.__name__}")


def signed_in(user: User, **kwargs: object) -> None:
    audit.record(Kind.SIGN_IN, "Signed in.", by=user, about=user)


def signed_out(user: User | None, **kwargs: object) -> None:
    if user:  # the session may have been over
        audit.record(Kind.SIGN_OUT, "Signed out.", by=user, about=user)


def failed_to_sign_in(credentials: dict[str, Any], **kwargs: object) -> None:
    """What was typed is not kept: it may be a stranger's address, or a password."""
    user = User.objects.of_address(str(credentials.get("username") or "")).first()
    if user is None:
        summary = "Failed to sign in to an unknown account."
    elif user.is_active:
        summary = "Failed to sign in to this account."
    else:
        summary = "Failed to sign in to this account, which is deactivated."
    audit.record(Kind.SIGN_IN_FAILED, summary, about=user)


def remember(
    instance: User, raw: bool = False, update_fields: Iterable[str] | None = None, **kwargs: object
) -> None:
    """What the row says before it is saved; nothing if none of that will change."""
    is_watched = instance.pk and not raw and {*WATCHED}.intersection(update_fields or WATCHED)
    rows = User._base_manager.filter(pk=instance.pk) if is_watched else User.objects.none()
    instance.__dict__["_before"] = rows.values(*WATCHED).first()


def saved(instance: User, created: bool, raw: bool = False, **kwargs: object) -> None:
    if raw:
        return
    was = instance.__dict__.pop("_before", None)
    changes = []
    if created:
        changes.append("Account added" + ", as a superuser" * instance.is_superuser)
    elif instance.__dict__.get("_password") is not None:  # typed, not merely hashed anew
        audit.record(Kind.CREDENTIALS, "Password changed.", about=instance)
    if was:
        now = {name: getattr(instance, name) for name in WATCHED}
        changes += [said[now[name]] for name, said in SAID.items() if now[name] != was[name]]
        changes += ["Address changed"] if now["email"] != was["email"] else []
    if changes:
        audit.record(Kind.RIGHTS, f"{'. '.join(changes)}.", about=instance)


def held_changed(
    instance: User | Group | Permission,
    action: str,
    model: type[User | Group | Permission],
    pk_set: set[int] | None,
    **kwargs: object,
) -> None:
    """Roles and single rights, from either side of the relation."""
    verb = {"post_add": "added", "post_remove": "removed", "pre_clear": "removed"}.get(action)
    if verb is None or pk_set == set():
        return
    if isinstance(instance, User):
        others = model._default_manager.filter(pk__in=pk_set) if pk_set else _held(instance, model)
        names = ", ".join(sorted(map(str, others)))
        if names:
            _tell(instance, model, names, verb)
    else:
        people = instance.user_set.all() if pk_set is None else User.objects.filter(pk__in=pk_set)
        for user in people:
            _tell(user, type(instance), str(instance), verb)


def _held(user: User, model: type[Any]) -> Any:
    return user.groups.all() if model is Group else user.user_permissions.all()


def _tell(user: User, model: type[Any], names: str, verb: str) -> None:
    what = "Role" if model is Group else "Right"
    audit.record(Kind.RIGHTS, f"{what} {verb}: {names}."[:500], about=user)
