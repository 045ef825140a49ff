"""What lists say of the articles that are there."""

import re

from django.db import migrations
from django.db.models import Case, Max, Min, When

TAG = re.compile(r"<[^>]*>")


def make(apps, schema_editor):
    Article = apps.get_model("articles", "Article")
    Listed = apps.get_model("articles", "ListedArticle")
    Revision = apps.get_model("articles", "Revision")
    unlisted = list(Article.objects.filter(listed=None).values_list("pk", flat=True))
    for begin in range(0, len(unlisted), 200):
        some = unlisted[begin : begin + 200]
        revisions = Revision.objects.filter(article__in=some)
        moments = revisions.values("article").annotate(
            first=Min("live_from"), last=Max("live_from")
        )
        of_each = {one["article"]: one for one in moments.order_by()}
        is_discarded = Case(When(state="discarded", then=1), default=0)
        latest = {}
        for one in revisions.order_by("article", is_discarded, "-number"):
            latest.setdefault(one.article_id, one)
        Listed.objects.bulk_create(
            Listed(
                article_id=article,
                revision=one,
                title=one.title,
                edited_at=one.edited_at,
                edited_by_id=one.edited_by_id,
                words=len(TAG.sub(" ", one.body).split()),
                draft_state=one.state if one.state in ("draft", "in_review") else "",
                live_since=of_each[article]["first"],
                last_from=of_each[article]["last"],
            )
            for article, one in latest.items()
        )


class Migration(migrations.Migration):
    dependencies = [("articles", "0006_search_drafts")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
