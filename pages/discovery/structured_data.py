"""What our pages say of themselves to search engines and assistants, in schema.org's words.

Each function returns the nodes of one page's graph; `templatetags/found.py` writes them down. What
Google's rich results ask for is met where the type has such a result (developers.google.com/
search/docs/appearance/structured-data); nothing is claimed that the page does not show.
"""

import re
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from lxml import html as lxml_html

from articles.models import Author, Revision
from images import pictures
from offices.models import Office, filled
from pages.discovery.social_cards import SocialCard, article_card_path
from pages.models import SiteSettings
from prose.rendering import RenderedBody
from prose.text import text_of
from web.addresses import absolute

Node = dict[str, Any]

# The heading above questions, and then each question a heading of its own below it.
QUESTIONS = re.compile(r"(frequently asked |common )?questions( and answers)?|faq", re.IGNORECASE)


def organization(site: SiteSettings) -> Node:
    """Who we are; other pages point at it by its @id."""
    return filled(
        {
            "@type": "Organization",
            "@id": absolute("/#organization"),
            "name": site.name,
            "url": absolute("/"),
            "logo": absolute(static("img/icon-512.png")),
            "slogan": site.tagline,
            "description": site.description,
        }
    )


def website(site: SiteSettings) -> Node:
    return {
        "@type": "WebSite",
        "@id": absolute("/#website"),
        "name": site.name,
        "url": absolute("/"),
        "publisher": {"@id": absolute("/#organization")},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": absolute("/articles/search/?q={search_term_string}"),
            },
            "query-input": "required name=search_term_string",
        },
    }


def article(revision: Revision, body: RenderedBody, site: SiteSettings) -> Node:
    """Costs no query when the revision was loaded `for_reading`."""
    of = revision.article
    topics = [topic.name for topic in of.topics.all()]
    picture = (
        pictures.source(revision.cover, 1600)
        if revision.cover
        else article_card_path(revision, SocialCard.of_article(revision, site))
    )
    url = absolute(of.get_absolute_url())
    assert revision.published_at is not None and revision.live_from is not None
    return filled(
        {
            "@type": "BlogPosting",
            "mainEntityOfPage": url,
            "headline": revision.title,
            "description": revision.summary,
            "image": absolute(picture),
            "datePublished": revision.published_at.isoformat(timespec="seconds"),
            "dateModified": revision.live_from.isoformat(timespec="seconds"),
            "author": [person(byline.author) for byline in of.bylines.all()],
            "publisher": {
                "@type": "Organization",
                "@id": absolute("/#organization"),
                "name": site.name,
                "url": absolute("/"),
            },
            "articleSection": topics[0] if topics else "",
            "wordCount": body.words,
            "inLanguage": "en",
        }
    )


def person(author: Author) -> Node:
    return {
        "@type": "Person",
        "name": author.name,
        "jobTitle": author.job_title,
        "url": absolute(author.get_absolute_url()),
    }


def profile(author: Author, site: SiteSettings) -> Node:
    whole = person(author) | {
        "description": author.bio,
        "image": absolute(pictures.source(author.image)) if author.image else "",
        "worksFor": {"@id": absolute("/#organization"), "@type": "Organization", "name": site.name},
    }
    return {
        "@type": "ProfilePage",
        "url": absolute(author.get_absolute_url()),
        "mainEntity": filled(whole),
    }


def collection(path: str, name: str, description: str = "") -> Node:
    return filled(
        {
            "@type": "CollectionPage",
            "url": absolute(path),
            "name": name,
            "description": description,
            "isPartOf": {"@id": absolute("/#website")},
        }
    )


def contact_page(site: SiteSettings) -> Node:
    return {
        "@type": "ContactPage",
        "url": absolute(reverse("leads:contact")),
        "name": site.form_heading,
        "about": organization(site),
    }


def office(place: Office, site: SiteSettings) -> Node:
    node = place.structured_data(business=site.name)
    return node | {"parentOrganization": {"@id": absolute("/#organization")}}


def breadcrumbs(*steps: tuple[str, str]) -> Node:
    """The way to the page, from (name, path) of each step; the last one is the page itself."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": absolute(path)}
            for place, (name, path) in enumerate(steps, start=1)
        ],
    }


def questions(body: RenderedBody) -> list[Node]:
    """A FAQPage, when the text has a heading such as “Questions” with questions below it.

    Each question is a heading one level down that ends in a question mark; its answer is
    everything up to the next heading.
    """
    headings = body.headings
    if not any(QUESTIONS.fullmatch(heading.text) for heading in headings if heading.level == 2):
        return []
    texts = {heading.anchor: heading.text for heading in headings}
    root = lxml_html.fragment_fromstring(str(body.html), create_parent="div")
    found: list[tuple[str, list[str]]] = []
    is_inside, is_answer = False, False
    for element in root:
        heading = texts.get(element.get("id", ""), "")
        if element.tag == "h2":
            is_inside, is_answer = bool(QUESTIONS.fullmatch(heading)), False
        elif element.tag == "h3" and is_inside:
            is_answer = heading.endswith("?")
            if is_answer:
                found.append((heading, []))
        elif is_answer:
            found[-1][1].append(text_of(element))
    answered = [(question, " ".join(filter(None, words))) for question, words in found]
    items = [
        {
            "@type": "Question",
            "name": question,
            "acceptedAnswer": {"@type": "Answer", "text": answer},
        }
        for question, answer in answered
        if answer
    ]
    return [{"@type": "FAQPage", "mainEntity": items}] if items else []
