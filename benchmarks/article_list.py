#!/usr/bin/env python3
"""How long publishers wait for the list of articles, and for home, among 100 articles and 10,000.

    .venv/bin/python benchmarks/article_list.py

Starts a PostgreSQL of its own, fills it with the demo's articles over and over (each tenth with a
draft behind it, each twentieth in review, some unpublished, retired and scheduled, and an inquiry
for every third), asks for pages inside this process as a publisher who is signed in, and prints a
table. Needs PostgreSQL to be installed, and touches nothing of it.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres
from benchmarks.sales_lists import ask

FEW, MANY = 100, 10_000
TABS = ("mine", "drafts", "review", "scheduled", "live", "unpublished", "retired")
SORTS = ("title", "-live", "-planned", "-words", "edited", "-inquiries", "-earned")
LIST = "article-list/"
PAGES = {
    "home": "",
    "list": LIST,
    **{f"list, {tab}": f"{LIST}?tab={tab}" for tab in TABS},
    **{f"list, by {sort}": f"{LIST}?sort={sort}" for sort in SORTS},
    "list, far down": f"{LIST}?sort=edited&after={{middle}}",
    "list, searched": f"{LIST}?q=queues",
    "list, searched for a typing error": f"{LIST}?q=idempotnet",
}


def main() -> None:
    with product_on_postgres():
        measure()


def measure() -> None:
    from django.contrib.auth.models import Group
    from django.test import Client

    from accounts.models import User
    from accounts.roles import PUBLISHER
    from articles.models import Article
    from benchmarks.article_site import ArticleSite  # Django is set up only now

    site = ArticleSite()
    publisher = User.objects.create_user("list@benchmark.example", name="Publisher")
    publisher.groups.add(Group.objects.get(name=PUBLISHER))
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(publisher)
    found = []
    for count in (FEW, MANY):
        old = set(Article.objects.values_list("pk", flat=True))
        site.grow_to(count)
        spread(old, publisher)
        middle = Article.objects.order_by("pk")[count // 2].pk
        found.append({name: ask(client, url.format(middle=middle)) for name, url in PAGES.items()})
    few, many = found
    print(f"| page | queries | of {FEW:,} | of {MANY:,} | ratio |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name in PAGES:
        (_, before), (queries, after) = few[name], many[name]
        print(f"| {name} | {queries} | {before:.0f} ms | {after:.0f} ms | {after / before:.2f} |")


def spread(old: set[int], by: Any) -> None:
    """Have the new articles stand in every state."""
    from django.db import connection
    from django.utils import timezone

    from articles import publishing, reviewing
    from articles.models import Article, ListedArticle
    from leads.models import Inquiry
    from privacy import wordings

    now = timezone.now()
    new = list(Article.objects.exclude(pk__in=old).order_by("pk"))
    for number, article in enumerate(new):
        if number % 10 == 0:
            title = f"Draft {number}"
            publishing.save_draft(article, text={"title": title}, by=by)
        if number % 20 == 0:
            reviewing.submit_for_review(article, by=by)
        if number % 50 == 10:
            publishing.publish(article, at=now + timedelta(hours=number + 1), by=by)
    of = {0: "unpublished_at", 1: "retired_at"}
    for place, column in of.items():
        some = [article.pk for article in new[place::40]]
        Article.objects.filter(pk__in=some).update(**{column: now - timedelta(days=1)})
    wording = wordings.live()
    Inquiry.objects.bulk_create(
        _inquiry(article, number, wording) for number, article in enumerate(new[::3])
    )
    ListedArticle.objects.renew([article.pk for article in new])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # autovacuum does so within a minute


def _inquiry(article: Any, number: int, wording: Any) -> Any:
    from leads.models import Contact, Inquiry, Lead

    email = f"visitor-{article.pk}@example.com"
    contact = Contact.objects.create(name=f"Visitor {number}", email=email)
    lead = Lead.objects.create(contact=contact)
    return Inquiry(
        name=contact.name,
        email=email,
        message="Hello.",
        wording=wording,
        submission_key=f"benchmark:{article.pk}",
        article=article,
        contact=contact,
        lead=lead,
    )


if __name__ == "__main__":
    main()
