"""Who may see or do what, at every address of the desk there is: a new one is swept as soon as it
exists, and fails until `KINDS` or `PAGES` says which right it needs.
"""

import lxml.html
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import links
from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from articles.admin.acts import DONE, OF_PUBLISHERS
from articles.models import Article, PrivateName, SearchCount
from leads.intake import receiving
from leads.models import Absence, Brief, Company, Contact, Inquiry, Lead, NextStep, Recipient
from mail import outbox
from mail.models import Suppression
from pages.models import MenuLink, Service, SiteSettings
from privacy import wordings
from privacy.models import Deletion, Erasure, Hold, Night, Period, Request
from readiness import publishing as questions
from redirects.models import MissingPage, Redirect
from tests import addresses, builders
from web.models import JobRun

pytestmark = pytest.mark.django_db

NEVER = ""  # the address does not take this method
STAFF = "staff"  # whoever may sign in: what is shown there depends on what else they may see

# Of each kind of address, below a model: the right that GET needs, and that POST needs.
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
    # A question set's own
    "draft": (NEVER, "add"),
    "simulate": ("view", NEVER),
    "statistics": ("view", "view"),
    # Others
    "pick": ("view", "add"),
    "describe": ("change", "change"),
    "import": ("add", "add"),
    "export": ("view", "view"),
    "brief": ("view", "view"),
    "calibration": ("view", "view"),
    "calibration_csv": ("view", "view"),
    "spam_weeks": ("view", "view"),
    "files": ("view", "view"),
    "file": ("view", "view"),
    "file_html": ("view", "view"),
    "html": ("view", "view"),
}
# Addresses that belong to no model's pages, and those that differ from their kind: what GET needs,
# and what POST needs.
PAGES = {
    # Writing
    "article_list": ("articles.view_article", NEVER),
    "article_draft_card": ("articles.view_article", NEVER),
    "article_list_act": (NEVER, "articles.publish_article"),
    "readiness_questionset_preview": ("readiness.view_questionset", NEVER),
    "readiness_questionset_publish": (NEVER, "readiness.publish_questionset"),
    # Selling
    "add_by_hand": ("leads.change_lead", "leads.change_lead"),
    "change_company": (NEVER, "leads.change_company"),
    "change_person": (NEVER, "leads.change_contact"),
    "companies": ("leads.view_company", NEVER),
    "company": ("leads.view_company", NEVER),
    "duty": ("leads.view_duty", "leads.view_duty"),
    "duty_leave": (NEVER, "leads.view_duty"),
    "duty_back": (NEVER, "leads.change_duty"),
    "duty_switch": (NEVER, "leads.view_duty"),
    "inbox": ("leads.view_lead", NEVER),
    "inbox_act": (NEVER, "leads.change_lead"),
    "inquiries": ("leads.view_inquiry", NEVER),
    "lead": ("leads.view_lead", NEVER),
    "lead_act": (NEVER, "leads.change_lead"),
    "lead_writing": (NEVER, "leads.change_lead"),
    "list_act": (NEVER, "leads.change_lead"),
    "list_columns": (NEVER, "leads.view_lead"),
    "people": ("leads.view_contact", NEVER),
    "person": ("leads.view_contact", NEVER),
    "pipeline": ("leads.view_lead", NEVER),
    "step_done": (NEVER, "leads.change_lead"),
    # Running the site
    "privacy_period_change": ("privacy.view_period", NEVER),  # all of them have one page
    "privacy_request_change": ("privacy.view_request", NEVER),  # done by an action of the list
    "status": (STAFF, STAFF),
    "disk": ("web.view_diskuse", "web.view_diskuse"),
    # Around
    "account": (STAFF, STAFF),
    "app_list": (STAFF, STAFF),
    "autocomplete": ("accounts.view_user", NEVER),
    "desk_style": (STAFF, STAFF),
    "end_session": (NEVER, STAFF),
    "find": (STAFF, STAFF),
    "guide": (NEVER, STAFF),
    "index": (STAFF, STAFF),
    "jsi18n": (STAFF, NEVER),
    "keys": (STAFF, STAFF),
    "link_targets": (STAFF, STAFF),
    "own_zone": (STAFF, STAFF),
    "password_change": (STAFF, STAFF),
    "password_change_done": (STAFF, NEVER),
    "recovery_codes": (NEVER, STAFF),
    "second_factor": (STAFF, STAFF),
    "style": (STAFF, STAFF),
    "tables": (STAFF, STAFF),
    "undo": (NEVER, STAFF),
    "view_on_site": (STAFF, STAFF),
}
# Where a stranger comes in: at the door, and by a link that holds a secret.
OPEN = {
    "choose_password",
    "forgot_password",
    "leads_inquiry_decide",
    "login",
    "logout",
    "open_link",
}
# Nobody adds or deletes these, whatever their rights.
CLOSED = {
    "privacy_hold_add",
    "readiness_dimension_add",
    "readiness_dimension_compare_typed_new",
    "readiness_dimension_keep_new",
    "readiness_questionset_add",
    "readiness_questionset_compare_typed_new",
    "readiness_questionset_keep_new",
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
    """Each address: its name, its parameters, its model, and the two rights."""
    models = addresses.models()
    for name, parameters in addresses.of_the_desk().items():
        beginnings = [one for one in models if name.startswith(one)]
        model = models[max(beginnings, key=len)] if beginnings else None
        if name in PAGES:
            yield name, parameters, model, PAGES[name]
            continue
        if name in OPEN or model is None:
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


def test_every_address_of_the_desk_is_declared():
    named = addresses.of_the_desk().keys()
    declared = {name for name, _, _, needed in swept() if needed}

    assert named - declared - OPEN == set()
    assert (PAGES.keys() | OPEN | CLOSED) - named == set()


def test_every_table_of_the_admin_has_a_row_here(rows):
    assert [name for name, model in addresses.models().items() if not model.objects.exists()] == []


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
    builders.question_set()
    questions.draft()  # what is published is frozen
    inquiry = receiving.receive(
        Inquiry(name="Ada", email="ada@example.com", company="Engines", message="A ledger."),
        brief=Brief(title="A ledger"),
    )
    now = timezone.now()
    NextStep.objects.create(lead=inquiry.lead, text="Call", due_on=now.date())
    Absence.objects.create(
        user=builders.user(role=SALES), first_day=now.date(), last_day=now.date()
    )
    Recipient.objects.create(email="sales@example.com")
    outbox.put(key="one", to="ada@example.com", subject="Hello", text="Hello", html="<p>Hello</p>")
    Suppression.objects.create(address="never@example.com", why="Asked")
    wordings.live()
    Period.objects.create(rule="leads.lost", days=365, by=builders.user())
    Hold.objects.create(mailbox="held@example.com", why="A dispute", by=builders.user())
    Night.objects.create(day=now.date(), began_at=now)
    Request.objects.create(kind=Request.Kind.ACCESS, address="me@example.com", asked_at=now)
    Erasure.objects.create(by=builders.user(), people=1, deleted="1 contact", kept="nothing")
    Deletion.objects.create(record="Inquiry", number=99, deleted_at=now)
    JobRun.objects.create(task="mail.tasks.deliver_due_messages", last_ran_at=now)
    return of


# Rows that addresses mean which belong to no model's pages; others mean an article.
MEANT = {
    "change_company": Company,
    "change_person": Contact,
    "company": Company,
    "duty_back": Absence,
    "lead": Lead,
    "lead_writing": Lead,
    "person": Contact,
    "step_done": NextStep,
}
# What stands for a parameter there.
WORDS = {
    "app_list": {"app_label": "accounts"},
    "change_company": {"key": "name"},
    "change_person": {"key": "name"},
    "guide": {"name": "room"},
    "inbox_act": {"name": "stage"},
    "lead_act": {"name": "note"},
    "list_act": {"key": "pipeline", "name": "stage"},
    "list_columns": {"key": "pipeline"},
}
QUERIES = {"autocomplete": "?app_label=leads&model_name=lead&field_name=owner"}


def address_of(name, parameters, model):
    row = (MEANT.get(name) or model or Article).objects.order_by("pk").last()
    given = {"pk": row.pk, "object_id": row.pk, "id": row.pk, "number": 1, "name": "unpublish"}
    given["content_type_id"] = ContentType.objects.get_for_model(Article).pk
    return addresses.address(name, parameters, given | WORDS.get(name, {})) + QUERIES.get(name, "")


def is_refused(answer):
    """A stranger is led to sign in; a colleague is told no."""
    is_led_away = answer.status_code == 302 and answer.url.startswith(reverse("admin:login"))
    return answer.status_code == 403 or is_led_away


def content_of(answer):
    """A file is open until it was read."""
    return answer.getvalue() if answer.streaming else answer.content


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
            content_of(answer)
            transaction.set_rollback(True)
        if right == NEVER:
            is_right = answer.status_code == 405 or is_refused(answer)
        elif name in CLOSED or not (right == STAFF or person.has_perm(right)):
            is_right = is_refused(answer)
        else:
            # /status says by a 503 that something is wrong.
            is_right = answer.status_code not in (500, 405)
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
        content_of(answer)
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


REFERENCES = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "list", "form")


def leads_nowhere(page):
    """What the page says is described, labelled or led by something that it does not have."""
    document = lxml.html.fromstring(page)
    there = set(document.xpath("//@id"))
    for attribute in REFERENCES:
        for element in document.xpath(f"//*[@{attribute}]"):
            for name in element.get(attribute).split():
                if name not in there:
                    yield f"{element.tag} {element.get('name', '')} {attribute}={name}"


def test_whatever_a_label_or_a_description_belongs_to_is_on_its_page(rows):
    client = builders.signed_in(is_superuser=True)
    lost = {}

    for name, parameters, model, needed in swept():
        if needed[0] == NEVER or name in CLOSED:
            continue
        answer = client.get(address_of(name, parameters, model))
        content = content_of(answer)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            lost[name] = [*leads_nowhere(content)]
    forgetful = builders.user()
    link = links.send_reset(forgetful, at=timezone.now())
    stranger = Client()
    for path in (reverse("admin:login"), reverse("admin:forgot_password"), link):
        lost[path] = [*leads_nowhere(stranger.get(path, follow=True).content)]

    assert {name: found for name, found in lost.items() if found} == {}


def test_nothing_is_sent_from_what_is_shown_beside_the_words(rows):
    client = builders.signed_in(AUTHOR)

    answer = client.get(reverse("admin:articles_article_beside", args=[rows.pk]))

    assert "What waits" in answer.text
    assert "form-action 'none'" in answer.headers["Content-Security-Policy"]
    assert "Back to editing" not in answer.text
