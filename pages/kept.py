"""What is never deleted: the privacy page, and articles that readers saw (but the demo's)."""

from web.undeletable import Kept, refuse_deletion

SEEN = [
    # An article goes with its revisions or not at all.
    Kept(
        "articles_revision",
        "OLD.live_from <= {now} AND NOT EXISTS (SELECT 1 FROM demo_demorow"
        " WHERE model = 'articles.Revision' AND \"row\" = OLD.id)",
    ),
    # Emails that were sent long ago lead to it, and the form on every page.
    Kept("pages_page", "OLD.key = 'privacy'"),
]


def keep_what_was_seen(using: str, **kwargs: object) -> None:
    """After each migrate."""
    refuse_deletion(SEEN, using)
