from functools import partial

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST

from accounts.requests import StaffRequest
from readiness import publishing, scoring, statistics_page
from readiness.models import Dimension, Option, Question, QuestionSet, Result, Rule


class DraftInline(admin.StackedInline):
    """Part of a set, or of a question: to be edited while its set is a draft."""

    extra = 0

    def _is_frozen(self, obj) -> bool:
        return obj is not None and _set_of(obj).is_published

    def has_add_permission(self, request, obj=None) -> bool:
        return super().has_add_permission(request, obj) and not self._is_frozen(obj)

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and not self._is_frozen(obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and not self._is_frozen(obj)


def _set_of(obj: QuestionSet | Question) -> QuestionSet:
    return obj if isinstance(obj, QuestionSet) else obj.dimension.question_set


class DimensionInline(DraftInline):
    model = Dimension
    fields = ["letter", "name", "intro"]


class ResultInline(DraftInline):
    model = Result
    classes = ["collapse"]


class RuleForm(forms.ModelForm):
    """Offers the results and questions of the rule's own version only."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = self.instance.question_set_id
        for name, rows in {
            "result": Result.objects.filter(question_set=own),
            "all_zero": Question.objects.filter(dimension__question_set=own).select_related(
                "dimension"
            ),
        }.items():
            field = self.fields.get(name)
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = rows


class RuleInline(DraftInline):
    model = Rule
    form = RuleForm
    verbose_name_plural = "rules, tested from the top"
    fields = [
        ("position", "result"), "words", ("min_unsure", "below_total"),
        ("min_total", "min_each_dimension"), "all_zero",
    ]  # fmt: skip

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)

        class OfThisSet(formset):  # type: ignore[valid-type, misc]
            def get_form_kwargs(self, index):
                # A row that is being added knows its version, too.
                return super().get_form_kwargs(index) | {"instance": Rule(question_set=obj)}

        return formset if obj is None else OfThisSet


class OptionInline(DraftInline):
    model = Option
    template = "admin/edit_inline/tabular.html"
    max_num = scoring.MOST + 1
    fields = ["value", "text"]


@admin.register(QuestionSet)
class QuestionSetAdmin(admin.ModelAdmin):
    """Versions of the questions. A published one is frozen; a change begins with a draft."""

    list_display = ["__str__", "state", "weights", "taken", "note"]
    fields = ["state", "weights", "questions_of_it", "note"]
    readonly_fields = ["state", "weights", "questions_of_it"]
    inlines = [DimensionInline, ResultInline, RuleInline]
    change_form_template = "admin/readiness/questionset/change_form.html"
    change_list_template = "admin/readiness/questionset/change_list.html"

    def has_add_permission(self, request) -> bool:
        return False  # a draft is made from the published set

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_published)

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and obj and not obj.is_published

    def has_publish_permission(self, request) -> bool:
        return request.user.has_perm("readiness.publish_questionset")

    def get_urls(self):
        return [
            path(
                "draft/",
                self.admin_site.admin_view(require_POST(self.draft)),
                name="readiness_questionset_draft",
            ),
            path(
                "<int:pk>/publish/",
                self.admin_site.admin_view(require_POST(self.publish)),
                name="readiness_questionset_publish",
            ),
            path(
                "<int:pk>/statistics/",
                self.admin_site.admin_view(partial(statistics_page.page, self)),
                name="readiness_questionset_statistics",
            ),
            *super().get_urls(),
        ]

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # it would ask for published ones, too
        return actions

    def draft(self, request: StaffRequest) -> HttpResponse:
        if not request.user.has_perm("readiness.add_questionset"):
            raise PermissionDenied
        made = publishing.draft()
        self.message_user(request, f"{made} is a draft: nobody is asked its questions yet.")
        return redirect("admin:readiness_questionset_change", made.pk)

    def publish(self, request: StaffRequest, pk: int) -> HttpResponse:
        if not self.has_publish_permission(request):
            raise PermissionDenied
        question_set = get_object_or_404(QuestionSet, pk=pk)
        try:
            publishing.publish(question_set, at=timezone.now())
        except ValidationError as refused:
            for message in refused.messages:
                self.message_user(request, message, messages.ERROR)
        else:
            self.message_user(request, "Published: whoever begins now is asked these questions.")
        return redirect("admin:readiness_questionset_change", pk)

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .annotate(weight=Sum("dimensions__questions__weight", default=0))
        )

    @admin.display(description="state", ordering="published_at")
    def state(self, question_set: QuestionSet) -> str:
        if question_set.published_at is None:
            return format_html('<span class="badge badge--{}">{}</span>', "queued", "Draft")
        moment = f"{timezone.localtime(question_set.published_at):%-d %b %Y}"
        return format_html(
            '<span class="badge badge--{}">{}</span> {}', "sent", "Published", moment
        )

    @admin.display(description="weights")
    def weights(self, question_set) -> str:
        return f"{question_set.weight} of {scoring.FULL}"

    @admin.display(description="finished")
    def taken(self, question_set: QuestionSet) -> int:
        return question_set.assessments.finished().count()

    @admin.display(description="questions")
    def questions_of_it(self, question_set: QuestionSet) -> str:
        questions = Question.objects.filter(dimension__question_set=question_set)
        return format_html_join(
            "",
            '<div><a href="{}">{}</a> ({})</div>',
            (
                (reverse("admin:readiness_question_change", args=[one.pk]), str(one), one.weight)
                for one in questions.select_related("dimension")
            ),
        )


class QuestionForm(forms.ModelForm):
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
class QuestionAdmin(admin.ModelAdmin):
    """One question. Of a published one the topics can be changed, and nothing else."""

    form = QuestionForm
    list_display = ["__str__", "version", "weight"]
    list_filter = ["dimension__question_set"]
    list_select_related = ["dimension__question_set"]
    search_fields = ["text"]
    inlines = [OptionInline]

    def get_readonly_fields(self, request, obj=None):
        if obj and obj.dimension.question_set.is_published:
            return [name for name in QuestionForm.Meta.fields if name != "topics"]
        return []

    def has_delete_permission(self, request, obj=None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and bool(obj) and not obj.dimension.question_set.is_published

    def save_model(self, request, obj, form, change):
        """Of a published question nothing is saved but the topics, which follow by themselves."""
        if not obj.dimension.question_set.is_published:
            super().save_model(request, obj, form, change)

    @admin.display(description="version", ordering="dimension__question_set__number")
    def version(self, question: Question) -> str:
        return str(question.dimension.question_set)
