"""Form input is never cut. If it is too long, the error says how long it is."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator


def say_how_long(field: forms.Field, name: str, advice: str = "") -> None:
    """Give the field a length error that names it: "Your message is 60,123 characters …".

    No field has a `maxlength` for browsers to cut by: see django/forms/widgets/attrs.html.
    """

    def fits(value: str) -> None:
        if len(value) > limit:
            raise ValidationError(
                f"{name} is {len(value):,} characters long; "
                f"the limit is {limit:,}. {advice}".strip(),
                code="too_long",
            )

    [limit] = (one.limit_value for one in field.validators if isinstance(one, MaxLengthValidator))
    field.validators = [one for one in field.validators if not isinstance(one, MaxLengthValidator)]
    field.validators.append(fits)
