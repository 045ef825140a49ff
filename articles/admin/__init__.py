"""Where articles are written and published."""

from articles.admin import articles, groups, searches

__all__ = ["articles", "groups", "searches"]
