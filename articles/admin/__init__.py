"""Where articles are written and published."""

from articles.admin import articles, groups, private, searches

__all__ = ["articles", "groups", "private", "searches"]
