from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"

    def ready(self) -> None:
        from desk import audited  # noqa: PLC0415 the models are loaded after this module

        audited.watch(audited.Kind.SETTINGS, "privacy.Period", "privacy.Hold")
