"""The articles of the demo, with their authors, topics and series."""

import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.utils import timezone

from articles import publishing
from articles.demo.desk import add_searches, write_next, writer
from articles.models import (
    Article,
    Author,
    Byline,
    MoreArticle,
    Review,
    Revision,
    SearchWord,
    Series,
    Topic,
    Verdict,
)
from images.demo import add_pictures, picture
from web.demo import Demo, Part, content

FOLDER = Path(__file__).parent
CONTENT = content(FOLDER)


def load(demo: Demo) -> None:
    add_pictures(demo, FOLDER / "pictures", CONTENT["pictures"])
    for entry in CONTENT["authors"]:
        fields = {name: value for name, value in entry.items() if name != "picture"}
        _group(demo, Author, fields | {"image": picture(demo, entry["picture"])})
    for entry in CONTENT["topics"]:
        _group(demo, Topic, entry)
    for entry in CONTENT["series"]:
        _group(demo, Series, entry)
    _articles(demo)
    for entry in CONTENT["articles"]:
        _more(demo, entry)
    for entry in CONTENT["next"]:
        write_next(demo, entry)
    add_searches(demo, CONTENT["searches"])


def _group(demo: Demo, model: type[Author | Topic | Series], fields: dict[str, Any]) -> None:
    if not model.objects.filter(slug=fields["slug"]).exists():
        key = f"{model._meta.model_name} {fields['slug']}"
        demo.once(key, lambda: model.objects.create(**fields))


def _articles(demo: Demo) -> None:
    """Each is written before the first is published: they link to each other."""
    written = []
    for entry in CONTENT["articles"]:
        key = f"article {entry['slug']}"
        if demo.has(key) or Article.objects.filter(slug=entry["slug"]).exists():
            continue
        article = _article(demo, entry)
        demo.note(key, article)
        _write(demo, article, entry)
        written.append((article, entry))
    for article, entry in written:
        _publish(demo, article, entry)


def _article(demo: Demo, entry: dict[str, Any]) -> Article:
    days = entry.get("planned_in_days")
    article = Article.objects.create(
        planned_for=days and timezone.localdate(demo.now) + timedelta(days=days),
        slug=entry["slug"],
        series=Series.objects.filter(slug=entry.get("series", "")).first(),
        series_position=entry.get("series_position"),
    )
    article.topics.set(Topic.objects.filter(slug__in=entry["topics"]))
    for position, slug in enumerate(entry["authors"]):
        author = Author.objects.get(slug=slug)
        Byline.objects.create(article=article, author=author, position=position)
    return article


def _write(demo: Demo, article: Article, entry: dict[str, Any], note: str = "") -> None:
    text = {
        "title": entry["title"],
        "summary": entry["summary"],
        "body": _body(demo, entry["slug"]),
        "cover": picture(demo, entry["cover"]),
        "seo_title": entry.get("seo_title", ""),
        "seo_description": entry.get("seo_description", ""),
    }
    by = writer() if entry.get("state") == "draft" else None
    revision = publishing.save_draft(article, text=text, by=by, note=note)
    demo.note(f"revision {article.slug} {revision.number}", revision)


def _publish(demo: Demo, article: Article, entry: dict[str, Any]) -> None:
    if entry.get("state", "live") == "live":
        publishing.publish(article, at=demo.now - timedelta(days=entry["days_ago"]))
    if "updated_days_ago" in entry:
        _write(demo, article, entry, note="Figures brought up to date")
        publishing.publish(article, at=demo.now - timedelta(days=entry["updated_days_ago"]))


def _body(demo: Demo, slug: str) -> str:
    """The article's HTML, with pictures of the library for its `demo:NAME`, or without them."""

    def placed(figure: re.Match[str]) -> str:
        image = picture(demo, figure[1])
        if image is None:  # somebody has deleted it
            return ""
        return figure[0].replace(
            f'src="demo:{figure[1]}"', f'src="{image.file.url}" data-file="{image.pk}"'
        )

    html = (FOLDER / "texts" / f"{slug}.html").read_text()
    return re.sub(r'<figure><img src="demo:([\w-]+)".*?</figure>', placed, html)


def _more(demo: Demo, entry: dict[str, Any]) -> None:
    article = demo.row(Article, f"article {entry['slug']}")
    for position, slug in enumerate(entry.get("more", [])):
        other = demo.row(Article, f"article {slug}")
        if article and other:
            link = {"article": article, "other": other, "position": position}
            demo.once(f"more {entry['slug']} {slug}", partial(MoreArticle.objects.create, **link))


def why_kept(row: Model) -> str:
    if isinstance(row, Topic | Series) and row.articles.exists():
        return "an article uses it"
    return ""


part = Part(
    load,
    hangs_on={Revision: ("article",), Review: ("revision",), Verdict: ("review",)},
    why_kept=why_kept,
    clean_up=lambda demo: SearchWord.objects.delete_unused(),
)
