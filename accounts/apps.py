from django.apps import AppConfig
from django.db.models.signals import post_migrate

from accounts.roles import keep_roles_in_step


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import audited  # noqa: PLC0415 it needs the models

        audited.watch()
        post_migrate.connect(keep_roles_in_step, dispatch_uid="accounts.keep_roles_in_step")
