"""Say of each revision that was replaced when that was; from then on there is never another way."""

from django.db import migrations, models
from django.db.models import F, OuterRef, Q, Subquery

# A table can be given a foreign key later on by PostgreSQL only.
NEXT_BEGINS = """
    ALTER TABLE articles_revision ADD CONSTRAINT articles_live_until_is_when_the_next_begins
    FOREIGN KEY (article_id, live_until) REFERENCES articles_revision (article_id, live_from)
    DEFERRABLE INITIALLY DEFERRED
"""
FORGET = "ALTER TABLE articles_revision DROP CONSTRAINT articles_live_until_is_when_the_next_begins"


def fill(apps, schema_editor):
    Revision = apps.get_model("articles", "Revision")
    later = Revision.objects.filter(
        article=OuterRef("article"), live_from__gt=OuterRef("live_from")
    ).order_by("live_from")
    Revision.objects.filter(live_from__isnull=False).update(
        live_until=Subquery(later.values("live_from")[:1])
    )


def chain(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(NEXT_BEGINS)


def unchain(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FORGET)


class Migration(migrations.Migration):
    dependencies = [("articles", "0002_revision_live_until_and_set_aside")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=Q(live_until__isnull=True)
                | Q(live_from__isnull=False, live_until__gt=F("live_from")),
                name="articles_live_until_is_after_live_from",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                fields=["article", "live_until"], name="articles_one_revision_is_replaced_at_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                condition=Q(state="released", live_until__isnull=True),
                fields=["article"],
                name="articles_one_revision_is_the_last",
            ),
        ),
        migrations.RunPython(chain, unchain),
        migrations.RemoveIndex(model_name="revision", name="articles_newest_first"),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                condition=Q(state="released"),
                fields=["-published_at", "-id", "article", "live_from", "live_until"],
                name="articles_newest_released_first",
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                condition=Q(retired_at__isnull=False),
                fields=["id", "retired_at"],
                name="articles_retired",
            ),
        ),
    ]
