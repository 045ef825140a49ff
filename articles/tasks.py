from celery import shared_task

from articles.models import ListedArticle


@shared_task
def renew_lists_of_articles() -> None:
    """Every hour, with work where someone has changed articles by SQL."""
    listed = ListedArticle.objects
    listed.renew(listed.wrong().values_list("pk", flat=True))
