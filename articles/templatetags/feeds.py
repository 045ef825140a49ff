import json

from django import template
from django.utils.safestring import SafeString, mark_safe

from articles.feeds import Feed
from web.addresses import absolute as absolute_url

register = template.Library()


@register.simple_tag
def json_feed(feed: Feed, feed_url: str, title: str, description: str) -> SafeString:
    """`{% json_feed feed feed_url title description %}`: JSON Feed 1.1, the whole document."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": feed.url,
        "feed_url": feed_url,
        "description": description,
        "language": "en",
        "items": [
            {
                "id": entry.id,
                "url": entry.url,
                "title": entry.revision.title,
                "content_html": entry.content,
                "summary": entry.revision.summary,
                "image": entry.image,
                "date_published": entry.published.isoformat(),
                "date_modified": entry.updated.isoformat(),
                "authors": [
                    {"name": author.name, "url": absolute_url(author.get_absolute_url())}
                    for author in entry.authors
                ],
                "tags": [topic.name for topic in entry.topics],
            }
            for entry in feed.entries
        ],
    }
    return mark_safe(json.dumps(_filled(document), ensure_ascii=False))


def _filled(value):
    """Without what is empty: the format knows absent members, and no empty ones."""
    if isinstance(value, dict):
        return {name: _filled(one) for name, one in value.items() if one or name == "items"}
    if isinstance(value, list):
        return [_filled(one) for one in value]
    return value


@register.filter
def absolute(path: str) -> str:
    """`{{ author.get_absolute_url|absolute }}`: the address for readers elsewhere."""
    return absolute_url(path)
