"""Which version of the privacy page visitors read now."""

from django.db import IntegrityError, transaction

from privacy.models import Wording, digest
from web.contributions import every


def live() -> Wording:
    """The version that is live, written down first if nobody has.

    Called wherever the page is saved. An inquiry asks too: the page may have been changed by a
    line of SQL.
    """
    while True:
        # The page is read second. If someone saves it in between, theirs is the next number, and
        # we start over; the other way round, the text that we read could be the one before.
        latest = Wording.objects.order_by("-number").first()
        title, text = _published()
        if latest and latest.digest == digest(title, text):
            return latest
        number = latest.number + 1 if latest else 1
        try:
            with transaction.atomic():
                return Wording.objects.create(number=number, title=title, text=text)
        except IntegrityError:
            if not Wording.objects.filter(number=number).exists():
                raise


def _published() -> tuple[str, str]:
    for one in every():
        if one.privacy_page and (page := one.privacy_page()):
            return page
    return "", ""
