"""Filters and ordering of the leads."""

from typing import Self

from django.contrib import admin
from django.db.models import F, OrderBy
from django.utils import timezone

from leads.duty.unattended import unattended
from leads.insight import spam_weeks
from leads.models import NextStep, unheard
from leads.standing import is_spammer
from readiness.models import Result


class NullsLast(OrderBy):
    """Empty values come last in either sort order."""

    def __init__(self, expression, descending=False) -> None:
        expression = F(expression) if isinstance(expression, str) else expression
        super().__init__(expression, descending=descending, nulls_last=True)

    def reverse_ordering(self) -> Self:
        self.descending = not self.descending
        return self


class SpamFilter(admin.SimpleListFilter):
    """Hides spam from every list unless it is asked for."""

    title = "spam"
    parameter_name = "spam"

    def choices(self, changelist):
        first, *others = super().choices(changelist)
        return [{**first, "display": "All except spam"}, *others]


class NotificationFilter(admin.SimpleListFilter):
    """Inquiries that sales may not know of."""

    title = "notification"
    parameter_name = "notification"

    def lookups(self, request, model_admin):
        return [("failed", "Failed and unanswered")]

    def queryset(self, request, queryset):
        if self.value() != "failed":
            return queryset
        return queryset.filter(pk__in=unheard().values("pk"))


class InquirySpamFilter(SpamFilter):
    def lookups(self, request, model_admin):
        return [
            ("suspected", "Suspected spam"),
            ("doubtful", "May be spam"),
            ("not_spam", "Not spam"),
            ("spam", "Spam"),
            ("all", "Everything"),
            ("held", "Held when it came"),
            ("marked", "Marked when it came"),
            ("wronged", "Held or marked, but real"),
            ("missed", "Let through, but spam"),
        ]

    def queryset(self, request, queryset):
        if wanted := spam_weeks.WHICH.get(self.value() or ""):
            return spam_weeks.judged(queryset).filter(wanted)
        match self.value():
            case "all":
                return queryset
            case "suspected":
                return queryset.suspected()
            case "doubtful" | "not_spam" as verdict:
                return queryset.not_spam().filter(verdict=verdict)
            case "spam":
                return queryset.spam()
        return queryset.not_spam()


class ContactSpamFilter(SpamFilter):
    """Who sent nothing but spam is nobody we know."""

    def lookups(self, request, model_admin):
        return [("spam", "Spam")]

    def queryset(self, request, queryset):
        return _of_spammers(queryset, is_spammer("contact"), self.value())


class CompanySpamFilter(ContactSpamFilter):
    def queryset(self, request, queryset):
        return _of_spammers(queryset, is_spammer("contact__company"), self.value())


def _of_spammers(queryset, spammers, value):
    return queryset.filter(spammers if value == "spam" else ~spammers)


class LeadSpamFilter(SpamFilter):
    def lookups(self, request, model_admin):
        return [("spam", "Spam")]

    def queryset(self, request, queryset):
        if self.value() == "spam":
            return queryset.spam()
        # An answer is due, and someone has to look after it, whatever it is about.
        is_to_do = request.GET.keys() & {AnswerFilter.parameter_name, CareFilter.parameter_name}
        return queryset.not_spam() if is_to_do else queryset.work()


class NextStepFilter(admin.SimpleListFilter):
    title = "next step"
    parameter_name = "next_step"

    def lookups(self, request, model_admin):
        return [("due", "Due"), ("open", "Open"), ("none", "None")]

    def queryset(self, request, queryset):
        match self.value():
            case "due":
                return queryset.filter(pk__in=NextStep.objects.due().values("lead"))
            case "open":
                return queryset.filter(pk__in=NextStep.objects.open().values("lead"))
            case "none":
                return queryset.open().exclude(pk__in=NextStep.objects.open().values("lead"))
        return queryset


class AnswerFilter(admin.SimpleListFilter):
    title = "answer"
    parameter_name = "answer"

    def lookups(self, request, model_admin):
        return [("waiting", "Waiting"), ("overdue", "Overdue")]

    def queryset(self, request, queryset):
        match self.value():
            case "waiting":
                return queryset.unanswered()
            case "overdue":
                return queryset.overdue()
        return queryset


class CareFilter(admin.SimpleListFilter):
    title = "care"
    parameter_name = "care"

    def lookups(self, request, model_admin):
        return [("nobody", "Nobody looks after it")]

    def queryset(self, request, queryset):
        if self.value() != "nobody":
            return queryset
        return queryset.filter(pk__in=unattended(timezone.now()).order_by().values("pk"))


class ReadinessFilter(admin.SimpleListFilter):
    title = "readiness"
    parameter_name = "readiness"

    def lookups(self, request, model_admin):
        results = Result.objects.filter(question_set__published_at__isnull=False)
        latest_last = results.order_by("question_set__number", "pk").values_list("key", "name")
        return list(dict(latest_last).items())

    def queryset(self, request, queryset):
        return queryset.assessed_as(self.value()) if self.value() else queryset
