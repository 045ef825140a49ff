import json

from django import template
from django.utils.safestring import SafeString, mark_safe

from articles.feeds import Entry, Feed
from web.addresses import absolute as absolute_url

register = template.Library()


@register.simple_tag
def json_feed(feed: Feed, feed_url: str, title: str, description: str) -> SafeString:
    """`{% json_feed feed feed_url title description %}`: JSON Feed 1.1, the whole document."""
    document = _filled(
        version="https://jsonfeed.org/version/1.1",
        title=title,
        home_page_url=feed.url,
        feed_url=feed_url,
        description=description,
        language="en",
    )
    document["items"] = [_item(entry) for entry in feed.entries]
    return mark_safe(json.dumps(document, ensure_ascii=False))  # noqa: S308 JSON, no part of a page


def _item(entry: Entry) -> dict[str, object]:
    return _filled(
        id=entry.id,
        url=entry.url,
        title=entry.revision.title,
        content_html=entry.content,
        summary=entry.revision.summary,
        image=entry.image,
        date_published=entry.published.isoformat(),
        date_modified=entry.updated.isoformat(),
        authors=[
            _filled(name=author.name, url=absolute_url(author.get_absolute_url()))
            for author in entry.authors
        ],
        tags=[topic.name for topic in entry.topics],
    )


def _filled(**members: object) -> dict[str, object]:
    """Without what is empty: the format knows absent members, and no empty ones."""
    return {name: value for name, value in members.items() if value}


@register.filter
def absolute(path: str) -> str:
    """`{{ author.get_absolute_url|absolute }}`: the address for readers elsewhere."""
    return absolute_url(path)
