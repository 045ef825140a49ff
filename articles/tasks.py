from celery import shared_task

from articles import search_log, trail
from articles.models import ListedArticle


@shared_task
def delete_old_searches() -> None:
    """Every hour: delete old counts of what visitors searched for."""
    search_log.delete_old()


@shared_task
def delete_old_draft_states() -> None:
    """Every hour: delete what drafts were a month ago."""
    trail.delete_old()


@shared_task
def renew_lists_of_articles() -> None:
    """Every hour, with work where someone has changed articles by SQL."""
    listed = ListedArticle.objects
    listed.renew(listed.wrong().values_list("pk", flat=True))
