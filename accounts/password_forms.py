"""The forms in which a password is chosen: what it has to be like is said once, beside it."""

from typing import Any

from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import SetPasswordForm

HELP = (
    "At least 12 characters; four or five words that don’t belong together are easy to remember and"
    " hard to guess."
)


class ChoosePasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["new_password1"].help_text = HELP
        again = self.fields["new_password2"]
        again.label, again.help_text = "The same again", ""


class ChangePasswordForm(ChoosePasswordForm, AdminPasswordChangeForm):
    """Asks for the old one as well."""
