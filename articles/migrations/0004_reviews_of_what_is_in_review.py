"""What is in review was submitted by whoever edited it last."""

from django.db import migrations


def make(apps, schema_editor):
    Revision = apps.get_model("articles", "Revision")
    Review = apps.get_model("articles", "Review")
    in_review = Revision.objects.filter(state="in_review", review=None)
    Review.objects.bulk_create(
        Review(revision_id=pk, asked_by_id=edited_by, asked_at=edited_at)
        for pk, edited_by, edited_at in in_review.values_list("pk", "edited_by", "edited_at")
    )


class Migration(migrations.Migration):
    dependencies = [("articles", "0003_unpublished_reviews_history")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
