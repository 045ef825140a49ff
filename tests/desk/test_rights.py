"""What is content, and who may see or change it, at every address there is: a new address is swept
as soon as it exists, and fails until `KINDS` or `OTHERS` says which right it needs.
"""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from articles.admin.acts import DONE, OF_PUBLISHERS
from articles.models import Article, PrivateName, SearchCount
from mail import outbox
from pages.models import MenuLink, Service, SiteSettings
from redirects.models import MissingPage, Redirect
from tests import addresses, builders

pytestmark = pytest.mark.django_db

CONTENT = ("articles", "images", "offices", "pages", "redirects")
NEVER = ""  # the address does not take this method

# Of each kind of address: the right that GET needs, and that POST needs.
KINDS = {
    "changelist": ("view", "view"),
    "add": ("add", "add"),
    "change": ("view", "change"),
    "delete": ("delete", "delete"),
    "history": ("view", "view"),
    "keep": ("change", "change"),
    "keep_new": ("add", "add"),
    "compare_typed": (NEVER, "change"),
    "compare_typed_new": (NEVER, "add"),
    "presence": (NEVER, "change"),
    # An article's own
    "preview": ("view", NEVER),
    "beside": ("view", NEVER),
    "revision": ("view", NEVER),
    "compare": ("view", "view"),
    "lanes": ("view", "change"),
    "fix": ("publish", "publish"),
    "act": (NEVER, "change"),
    "publish": ("change", "change"),  # to see what would be published; doing it needs more
    "checks": ("view", "view"),
    "review": ("change", "change"),
    "send_back": ("publish", "publish"),
    # Others
    "pick": ("view", "add"),
    "describe": ("change", "change"),
    "import": ("add", "add"),
    "export": ("view", "view"),
}
# Addresses that belong to no model's pages: the right, and the method.
OTHERS = {
    "article_list": ("articles.view_article", NEVER),
    "article_draft_card": ("articles.view_article", NEVER),
    "article_list_act": (NEVER, "articles.publish_article"),
}
# Nobody adds or deletes these, whatever their rights.
CLOSED = {
    "articles_searchcount_add",
    "articles_searchcount_delete",
    "pages_sitesettings_add",
    "pages_sitesettings_compare_typed_new",
    "pages_sitesettings_delete",
    "pages_sitesettings_keep_new",
    "redirects_missingpage_add",
}
ROLES = [AUTHOR, PUBLISHER, SALES, ADMINISTRATOR, ""]


def swept():
    """Each address of content: its name, its parameters, its model, and the two rights."""
    models = addresses.models()
    for name, parameters in addresses.of_the_desk().items():
        if name in OTHERS:
            yield name, parameters, None, OTHERS[name]
            continue
        beginnings = [one for one in models if name.startswith(one)]
        model = models[max(beginnings, key=len)] if beginnings else None
        if model is None or model._meta.app_label not in CONTENT:
            continue
        opts = model._meta
        kind = name.removeprefix(f"{opts.app_label}_{opts.model_name}_")
        needed = KINDS.get(kind)
        yield (
            name,
            parameters,
            model,
            needed
            and tuple(right and f"{opts.app_label}.{right}_{opts.model_name}" for right in needed),
        )


def test_every_address_of_content_is_classified():
    named = {name for name in addresses.of_the_desk() if name.startswith(("article", *CONTENT))}

    assert named == {name for name, _, _, needed in swept() if needed}


@pytest.fixture
def rows():
    """A row of each model, the last of which is meant by its pages."""
    of = builders.article(topics=[builders.topic()], series=builders.series(), series_position=1)
    builders.revision(of, by=builders.user(name="Somebody else"), title="What waits")
    builders.image(), builders.office(), builders.page()
    MenuLink.objects.create(label="Articles", part="articles")
    PrivateName.objects.create(name="Nordbank")
    MissingPage.objects.create(path="/nowhere")
    Redirect.objects.create(path="/old", target="/new/")
    SearchCount.objects.create(query="ledger", day="2026-01-01", results=0)
    Service.objects.create(heading="Audits", text="We read", position=1)
    SiteSettings.load()
    return of


def address_of(name, parameters, model):
    row = (model or Article).objects.order_by("pk").last()
    given = {"pk": row.pk, "object_id": row.pk, "number": 1, "name": "unpublish"}
    return addresses.address(name, parameters, given)


def is_refused(answer):
    """A stranger is led to sign in; a colleague is told no."""
    is_led_away = answer.status_code == 302 and answer.url.startswith(reverse("admin:login"))
    return answer.status_code == 403 or is_led_away


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_what_its_rights_say_and_nothing_else(rows, role, method):
    person = builders.user(role=role)
    client = Client()
    client.force_login(person)
    wrong = {}

    for name, parameters, model, needed in swept():
        right = needed[method == "post"]
        with transaction.atomic():
            answer = getattr(client, method)(address_of(name, parameters, model))
            transaction.set_rollback(True)
        if right == NEVER:
            is_right = answer.status_code == 405 or is_refused(answer)
        elif name in CLOSED or not person.has_perm(right):
            is_right = is_refused(answer)
        else:
            is_right = answer.status_code < 500 and answer.status_code != 405
            is_right = is_right and not is_refused(answer)
        if not is_right:
            wrong[name] = answer.status_code

    assert wrong == {}


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_reaches_nothing(rows, method):
    client, wrong = Client(), {}

    for name, parameters, model, _ in swept():
        answer = getattr(client, method)(address_of(name, parameters, model))
        if not is_refused(answer):
            wrong[name] = answer.status_code

    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", DONE)
def test_an_act_needs_its_right_at_the_article_of_a_colleague_and_at_ones_own(rows, role, action):
    person = builders.user(role=role)
    own = builders.article()
    builders.revision(own, by=person, title="Mine")
    client = Client()
    client.force_login(person)
    right = "publish" if action in OF_PUBLISHERS else "change"

    for of in (own, rows):
        state = of.draft_states.create(title="Before") if action == "bring_back" else None
        sent = f"{action} {state.pk if state else 1}"
        answer = client.post(reverse("admin:articles_article_act", args=[of.pk]), {"action": sent})
        is_theirs = of == own or person.has_perm("articles.publish_article")
        may = person.has_perm(f"articles.{right}_article") and (action != "discard" or is_theirs)
        assert is_refused(answer) != may, of


@pytest.mark.parametrize("role", [AUTHOR, SALES, ""])
@pytest.mark.parametrize("button", ["_publish_dialog", "_schedule_dialog"])
def test_no_button_publishes_for_someone_who_may_not(rows, role, button):
    client = builders.signed_in(role)
    page = reverse("admin:articles_article_change", args=[rows.pk])
    draft = rows.draft()
    sent = {
        "title": draft.title, "summary": draft.summary, "body": draft.body, "slug": rows.slug,
        button: "1",
    }  # fmt: skip
    for inline in ("bylines", "more"):
        sent |= {f"{inline}-{count}_FORMS": "0" for count in ("TOTAL", "INITIAL")}

    client.post(page, sent)

    assert rows.live_revision().title != "What waits"
    assert rows.scheduled_revision() is None


def test_only_a_preview_and_an_email_stand_in_frames_and_only_in_ours(rows):
    outbox.put(key="a", to="ada@example.com", subject="Hello", text="Hello", html="<p>Hello</p>")
    client = builders.signed_in(is_superuser=True)
    framed = set()

    for name, parameters in addresses.of_the_desk().items():
        beginnings = [one for one in addresses.models() if name.startswith(one)]
        model = addresses.models()[max(beginnings, key=len)] if beginnings else None
        if model and not model.objects.exists():
            continue
        try:
            where = address_of(name, parameters, model)
        except KeyError:
            continue  # of selling: no page of an article
        answer = client.get(where)
        policy = answer.headers.get("Content-Security-Policy", "")
        if (
            answer.headers.get("X-Frame-Options") != "DENY"
            or "frame-ancestors 'none'" not in policy
        ):
            framed.add(name)
            assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
            assert "frame-ancestors 'self'" in policy

    assert framed == {"articles_article_beside", "mail_message_html"}
    public = client.get(rows.get_absolute_url())
    assert public.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in public.headers["Content-Security-Policy"]


def test_nothing_is_sent_from_what_is_shown_beside_the_words(rows):
    client = builders.signed_in(AUTHOR)

    answer = client.get(reverse("admin:articles_article_beside", args=[rows.pk]))

    assert "What waits" in answer.text
    assert "form-action 'none'" in answer.headers["Content-Security-Policy"]
    assert "Back to editing" not in answer.text


def test_every_model_of_content_has_a_row_here(rows):
    missing = [
        model.__name__
        for model in addresses.models().values()
        if model._meta.app_label in CONTENT and not model.objects.exists()
    ]

    assert missing == []
