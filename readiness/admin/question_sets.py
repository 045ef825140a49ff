"""Versions of the questions: edited, tried and published."""

from functools import partial
from itertools import chain

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import StaffRequest
from desk.merging_admin import MergingAdmin
from desk.once import SavesOnce
from readiness import publishing, reports, scoring, simulation, statistics_page
from readiness.admin.inlines import DimensionInline, ResultInline, RuleInline
from readiness.drafts import DraftForm, why_frozen
from readiness.forms import DimensionForm, WishesForm
from readiness.models import NOT_SURE, Dimension, Question, QuestionSet
from web.contributions import counted


@admin.register(QuestionSet)
class QuestionSetAdmin(SavesOnce, MergingAdmin):
    """Versions of the questions. A published one is frozen; a change begins with a draft."""

    form = DraftForm
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

    def why_not_saved(self, request, row):
        return why_frozen(request, row) or super().why_not_saved(request, row)

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
                "<int:pk>/simulate/",
                self.admin_site.admin_view(require_safe(self.simulate)),
                name="readiness_questionset_simulate",
            ),
            path(
                "<int:pk>/preview/",
                self.admin_site.admin_view(require_safe(self.preview)),
                name="readiness_questionset_preview",
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
        self.message_user(request, f"{made} is a draft. Visitors do not see it yet.")
        return redirect("admin:readiness_questionset_change", made.pk)

    def publish(self, request: StaffRequest, pk: int) -> HttpResponse:
        if not self.has_publish_permission(request):
            raise PermissionDenied
        question_set = get_object_or_404(QuestionSet.objects.for_asking(), pk=pk)
        try:
            publishing.publish(question_set, at=timezone.now())
        except ValidationError as refused:
            for message in refused.messages:
                self.message_user(request, message, messages.ERROR)
        else:
            self.message_user(request, "Published. New assessments use these questions.")
            for warning in simulation.warnings(question_set):
                self.message_user(request, warning, messages.WARNING)
        return redirect("admin:readiness_questionset_change", pk)

    # Looking

    def render_change_form(self, request, context, *args, **kwargs):
        question_set = kwargs.get("obj")
        if question_set and not question_set.is_published:
            loaded = QuestionSet.objects.for_asking().get(pk=question_set.pk)
            context["missing"] = publishing.what_is_missing(loaded)
            context["warnings"] = simulation.warnings(loaded)
        return super().render_change_form(request, context, *args, **kwargs)

    def simulate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the answers in the address come to, and where others lead. Nothing is kept."""
        question_set = self._shown(request, pk)
        answers, complaints = simulation.read(question_set, request.GET.dict())
        is_draft = not question_set.is_published
        context = {
            **self.admin_site.each_context(request),
            "title": "Simulation",
            "opts": self.opts,
            "question_set": question_set,
            "missing": publishing.what_is_missing(question_set) if is_draft else [],
            "complaints": complaints,
            "simulation": simulation.Simulation(question_set, answers),
        }
        return render(request, "admin/readiness/questionset/simulate.html", context)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All steps and results as visitors would see them, on one page that sends nothing."""
        question_set = self._shown(request, pk)
        # Each by itself: whom one answer holds back, another need not.
        gaps = [
            reports.with_articles([reports.Said(question, NOT_SURE, is_unsure=True)])
            for question in question_set.questions.values()
        ]
        context = {
            "question_set": question_set,
            "steps": [
                (one, DimensionForm(auto_id=f"{one.letter}_%s", dimension=one, answers={}))
                for one in question_set.scales
            ],
            "wishes": WishesForm(kept={}),
            "results": question_set.results.prefetch_related("rules"),
            "gaps": list(chain.from_iterable(gaps)),
        }
        return render(request, "readiness/preview.html", context)

    def _shown(self, request: HttpRequest, pk: int) -> QuestionSet:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(QuestionSet.objects.for_asking(), pk=pk)

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
        words = f"{question_set.weight} of {scoring.FULL}"
        if question_set.weight == scoring.FULL:
            return words
        return format_html('<span class="badge badge--failed">{}</span>', words)

    @admin.display(description="finished")
    def taken(self, question_set: QuestionSet) -> int:
        return counted(question_set.assessments.finished()).count()

    @admin.display(description="questions")
    def questions_of_it(self, question_set: QuestionSet) -> str:
        """Links to every dimension and question; in a draft, to one more question as well."""
        asked = Question.objects.order_by("position").select_related("dimension")
        dimensions = question_set.dimensions.prefetch_related(Prefetch("questions", asked))
        return format_html(
            '<ul class="outline">{}</ul>',
            format_html_join(
                "",
                "<li>{}<ul>{}{}</ul></li>",
                (
                    (
                        _link_to(dimension),
                        format_html_join(
                            "",
                            '<li>{} <span class="quiet">{}</span></li>',
                            ((_link_to(one), one.weight) for one in dimension.questions.all()),
                        ),
                        "" if question_set.is_published else _link_to_add(dimension),
                    )
                    for dimension in dimensions
                ),
            ),
        )


def _link_to(part: Dimension | Question) -> str:
    url = reverse(f"admin:readiness_{part._meta.model_name}_change", args=[part.pk])
    return format_html('<a href="{}">{}</a>', url, str(part))


def _link_to_add(dimension: Dimension) -> str:
    taken = [question.position for question in dimension.questions.all()]
    query = {"dimension": dimension.pk, "position": max(taken, default=0) + 1}
    url = reverse("admin:readiness_question_add", query=query)
    return format_html('<li><a class="addlink" href="{}">Add a question</a></li>', url)
