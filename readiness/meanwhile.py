"""Pages of the admin that may lie open while a colleague works on the same draft."""

from hashlib import sha256

from django import forms
from django.core import serializers

from readiness.models import Dimension, Question, QuestionSet

Part = QuestionSet | Dimension | Question


def set_of(row: Part) -> QuestionSet:
    match row:
        case QuestionSet():
            return row
        case Dimension():
            return row.question_set
        case _:
            return row.dimension.question_set


def stamp(row: Part) -> str:
    """The same for as long as nobody saves what the row's page shows, nor publishes its set."""
    match row:
        case QuestionSet():
            shown = [row.dimensions.all(), row.results.all(), row.rules.all()]
        case Dimension():
            shown = [row.questions.all()]
        case _:
            shown = [row.options.all()]
    itself = type(row)._base_manager.filter(pk=row.pk)
    rows = [one for found in (itself, *shown) for one in found]
    published = QuestionSet.objects.published().filter(pk=set_of(row).pk).exists()
    return sha256(f"{published} {serializers.serialize('json', rows)}".encode()).hexdigest()


class MeanwhileForm(forms.ModelForm):
    """Refuses to overwrite what a colleague saved since the page was opened.

    The page sends the `stamp` of what it showed along, under that name.
    """

    def clean(self):
        super().clean()
        row = self.instance
        if row.pk:
            # Held until all is saved: of two who save, the second sees what the first saved.
            QuestionSet.objects.select_for_update().filter(pk=set_of(row).pk).first()
            if self.data.get("stamp") != stamp(row):
                self.add_error(
                    None,
                    "A colleague changed or published this while you had the page open. Nothing "
                    "was overwritten, and your words are still in this form: copy what you need, "
                    "reload the page, and save again.",
                )
        return self.cleaned_data
