"""Which files of pictures something still needs: what is left over goes after a week."""

from collections.abc import Collection

from django.db import connection

from images.models import HOLDERS
from web.files import MediaKind

FEW = 100


def needed(names: Collection[str]) -> set[str]:
    """Those that a row names."""
    chosen = {"file__in": list(names)} if len(names) <= FEW else {}
    found = {
        str(name)
        for holder in HOLDERS
        for name in holder._default_manager.filter(**chosen).values_list("file", flat=True)
    }
    return found & set(names)


def hold() -> None:
    """No picture comes or goes until the transaction ends: whoever saves one writes its row first,
    and then its file. On SQLite a transaction that writes is alone in any case. Gives way sooner
    than PostgreSQL would look for a deadlock.
    """
    if connection.vendor == "postgresql":
        tables = ", ".join(connection.ops.quote_name(one._meta.db_table) for one in HOLDERS)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '500ms'")
            cursor.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")


KINDS = (
    MediaKind(
        "Pictures as they were uploaded",
        r"images/[0-9a-f]{2}/[0-9a-f]{64}\.\w+",
        "One per picture. One whose picture is gone is deleted after a week.",
        needed,
        hold,
    ),
    MediaKind(
        "Renditions of pictures",
        r"images/[a-z2-7]{12}/\d+\.\w+",
        "Six per picture. Those whose picture is gone, or is encoded in another way by now, are"
        " deleted after a week.",
        needed,
        hold,
    ),
)
