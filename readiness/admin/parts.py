"""Dimensions and questions, each on a page of its own."""

from django import forms
from django.contrib import admin
from django.shortcuts import redirect

from desk.labeled import LabeledColumns
from desk.merging import MergingForm
from desk.merging_admin import MergingAdmin
from desk.once import SavesOnce
from readiness import scoring
from readiness.admin.inlines import DraftInline
from readiness.drafts import DraftForm, set_of, why_frozen
from readiness.models import Dimension, Option, Question
from readiness.places import Numbered, PlacedForm


class OptionForm(MergingForm):
    def has_changed(self):
        """A row without a text is one that nobody filled in: its value was there already."""
        text = self.data.get(self.add_prefix("text"), "").strip()
        return bool(self.instance.pk or text) and super().has_changed()


class OptionInline(LabeledColumns, DraftInline):
    model = Option
    form = OptionForm
    template = "admin/edit_inline/tabular.html"
    max_num = scoring.MAX_VALUE + 1
    fields = ["value", "text"]

    def get_extra(self, request, obj=None, **kwargs) -> int:
        return len(_without_option(obj))


def _without_option(question: Question | None) -> list[int]:
    there = [one.value for one in question.options.all()] if question and question.pk else []
    return [value for value in range(scoring.MAX_VALUE + 1) if value not in there]


class PartAdmin(SavesOnce, MergingAdmin):
    """Part of a set. Of a published one the topics can be changed, and nothing else."""

    change_form_template = "admin/readiness/part_change_form.html"

    def why_not_saved(self, request, row):
        return why_frozen(request, row) or super().why_not_saved(request, row)

    def get_readonly_fields(self, request, obj=None):
        if obj and set_of(obj).is_published:
            return [name for name in self.form.base_fields if name != "topics"]
        return []

    def has_delete_permission(self, request, obj=None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and bool(obj) and not set_of(obj).is_published

    def get_inline_instances(self, request, obj=None):
        """Those of a published part are shown, and never read from what is sent."""
        if request.method == "POST" and obj and set_of(obj).is_published:
            return []
        return super().get_inline_instances(request, obj)

    def save_model(self, request, obj, form, change):
        """Of a published part nothing is saved but the topics, which follow by themselves."""
        if not set_of(obj).is_published:
            super().save_model(request, obj, form, change)

    def render_change_form(self, request, context, *args, **kwargs):
        if part := kwargs.get("obj"):
            context["question_set"] = set_of(part)
        return super().render_change_form(request, context, *args, **kwargs)

    def response_post_save_add(self, request, obj):
        """Back to the set, which is where its parts are found."""
        return redirect("admin:readiness_questionset_change", set_of(obj).pk)

    response_post_save_change = response_post_save_add

    @admin.display(description="version")
    def version(self, part: Dimension | Question) -> str:
        return str(set_of(part))


class QuestionInline(LabeledColumns, DraftInline):
    """The questions of a dimension: their order and weights beside each other."""

    model = Question
    form = PlacedForm
    formset = Numbered
    template = "admin/edit_inline/tabular.html"
    fields = ["position", "weight", "text"]
    show_change_link = True
    verbose_name_plural = "questions, in their order"

    def has_add_permission(self, request, obj=None) -> bool:
        return False  # it needs more than fits in a line, and has a page of its own


class DimensionTopicsForm(DraftForm):
    """Without its letter: two of them can change places on the page of their set only."""

    class Meta:
        model = Dimension
        fields = ["name", "intro", "topics"]
        widgets = {"topics": forms.CheckboxSelectMultiple}


@admin.register(Dimension)
class DimensionAdmin(PartAdmin):
    form = DimensionTopicsForm
    list_display = ["__str__", "version"]
    list_filter = ["question_set"]
    list_select_related = ["question_set"]
    search_fields = ["name"]
    inlines = [QuestionInline]

    def has_add_permission(self, request) -> bool:
        return False  # it is added on the page of its set


class QuestionForm(DraftForm):
    class Meta:
        model = Question
        fields = ["dimension", "position", "text", "weight", "holds_back", "remedy", "topics"]
        widgets = {"topics": forms.CheckboxSelectMultiple}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        dimension = self.fields.get("dimension")
        if isinstance(dimension, forms.ModelChoiceField):
            drafts = Dimension.objects.filter(question_set__published_at__isnull=True)
            if self.instance.pk:
                drafts = drafts.filter(question_set=self.instance.dimension.question_set_id)
            dimension.queryset = drafts


@admin.register(Question)
class QuestionAdmin(PartAdmin):
    form = QuestionForm
    list_display = ["__str__", "version", "weight"]
    list_filter = ["dimension__question_set"]
    list_select_related = ["dimension__question_set"]
    search_fields = ["text"]
    inlines = [OptionInline]

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """A row for each value that has no option yet."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        return kwargs | {"initial": [{"value": value} for value in _without_option(obj)]}
