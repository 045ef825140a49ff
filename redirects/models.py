"""Old addresses that redirect, and addresses that were not found."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone

from redirects import paths
from web.contributions import public_rows


class Redirect(models.Model):
    """An old address and where it leads now. Used only when nothing else answers there.

    Kept in the forms of redirects/paths.py. No row leads to another row's path, and so none leads
    back to itself: triggers in the database see to it. Written through redirects/plans.py.
    """

    path = models.CharField(
        "old path",
        max_length=paths.MAX_PATH_LENGTH,
        unique=True,
        help_text="As it was on this site: /old/page, or /index.php?page_id=5 where the query "
        "is part of the address. With or without a trailing slash.",
    )
    target = models.CharField(
        "target",
        max_length=paths.MAX_TARGET_LENGTH,
        help_text="/articles/, or https://… for another site.",
    )
    # `target` in the form of `path`, so that the database can compare them. Empty: another site.
    target_path = models.CharField(max_length=paths.MAX_PATH_LENGTH, editable=False, db_index=True)
    is_permanent = models.BooleanField(
        "permanent",
        default=True,
        help_text="Permanent (301): search engines drop the old address. "
        "Otherwise (302) they keep it.",
    )
    note = models.CharField(max_length=250, blank=True, help_text="For colleagues.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    hits = models.PositiveBigIntegerField("times used", default=0, editable=False)
    last_hit_at = models.DateTimeField("last used", null=True, blank=True, editable=False)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                name="redirects_redirect_path_has_one_form",
                condition=Q(path__startswith="/")
                & ~Q(path__startswith="//")
                & ~Q(path__endswith="/")
                & ~Q(path__contains="#"),
            ),
            models.CheckConstraint(
                name="redirects_redirect_never_of_the_admin",
                condition=~Q(path__iexact="/admin") & ~Q(path__istartswith="/admin/"),
            ),
            models.CheckConstraint(
                name="redirects_redirect_leads_somewhere",
                condition=(Q(target__startswith="/") & ~Q(target__startswith="//"))
                | Q(target__startswith="https://"),
                violation_error_message="Start with / for a page on this site, or with https://.",
            ),
            models.CheckConstraint(
                name="redirects_redirect_knows_its_target_path",
                condition=Q(target__startswith="/", target_path__startswith="/")
                | Q(~Q(target__startswith="/"), target_path=""),
            ),
            models.CheckConstraint(
                name="redirects_redirect_never_to_itself",
                condition=~Q(path=F("target_path"))
                & ~Q(target_path__startswith=Concat(F("path"), Value("?"))),
            ),
        ]

    def __str__(self) -> str:
        return self.path

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.target_path = paths.path_of(self.target)
        super().save(*args, **kwargs)


class MissingPageQuerySet(models.QuerySet["MissingPage"]):
    def still_missing(self) -> Self:
        """Those that still have neither a redirect nor a published page."""
        leading = Redirect.objects.filter(path=OuterRef("path"))
        found = self.filter(~Exists(leading))
        for published in _published_paths():
            found = found.exclude(path__in=published)
        return found

    def often(self) -> Self:
        """Requested often, and recently."""
        return self.filter(
            count__gte=MissingPage.OFTEN, last_seen__gte=timezone.now() - timedelta(days=30)
        )


def _published_paths() -> list[models.QuerySet[Any, Any]]:
    """The paths of all published pages, without the trailing slash."""
    found = []
    for rows in public_rows():
        there = Concat(Value(rows.before), rows.slug, output_field=models.CharField())
        found.append(rows.rows().order_by().values_list(there))
    return found


class MissingPage(models.Model):
    """An address that was not found, and how often it was requested. Never by whom."""

    OFTEN = 10

    # In the form of `Redirect.path`.
    path = models.CharField("address", max_length=paths.MAX_PATH_LENGTH, unique=True)
    count = models.PositiveBigIntegerField("times requested", default=1)
    first_seen = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)
    referrer_host = models.CharField("linked from", max_length=253, blank=True)

    objects = MissingPageQuerySet.as_manager()

    class Meta:
        ordering = ["-count", "-last_seen", "pk"]
        indexes = [
            models.Index(fields=["count", "last_seen"], name="redirects_missing_seldom_first")
        ]
        constraints = [
            models.CheckConstraint(
                name="redirects_missing_path_has_one_form",
                condition=Q(path__startswith="/") & ~Q(path__endswith="/"),
            ),
        ]

    def __str__(self) -> str:
        return self.path
