"""The demo: made once, believable throughout, and gone again without a trace."""

import json
import stat
from datetime import timedelta
from io import StringIO

import lxml.html
import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles import publishing
from articles.demo import CONTENT as OF_ARTICLES
from articles.models import Article, Revision, Topic
from demo import logins
from demo.models import DemoRow
from desk.models import AuditEvent
from images.models import Image
from leads.demo import CONTENT as OF_LEADS
from leads.models import Activity, Inquiry, Lead
from leads.pipeline import moves
from mail.models import Message
from page_cache.models import ContentStamp
from pages.models import MenuLink, Page, SiteSettings
from tests.builders import article, topic, user
from web.undeletable import lifted

CONTENT = {**OF_ARTICLES, **OF_LEADS}
NOT_OURS = {"contenttypes", "sessions", "admin"}


def every_row():
    """All that the database holds, by table, but for the stamp that changes with each change."""
    return {
        model._meta.label: list(model.objects.order_by("pk").values_list())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in NOT_OURS and model is not ContentStamp
    }


def seed(**options):
    said = StringIO()
    call_command("seed", stdout=said, **options)
    return said.getvalue()


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo in the database for all of this module, and what was there before.

    Each test works in a transaction of its own, so that none sees what another did to it.
    """
    folder = tmp_path_factory.mktemp("demo")
    own_folders = override_settings(VAR_DIR=folder, MEDIA_ROOT=folder / "media")
    with django_db_blocker.unblock(), own_folders:
        before = every_row()
        said = seed()
        with django_db_blocker.block():
            yield {"before": before, "said": said, "media": folder / "media"}
        seed(remove=True)
        assert but_for_logins(every_row()) == before, "other modules would find what is left"
        delete_logins()
        connection.close()


def but_for_logins(rows):
    """Members of staff are deactivated, never deleted, those of the demo among them; and the audit
    log keeps what they did.
    """
    of_logins = {"accounts.User", "accounts.User_groups", "demo.DemoRow", "desk.AuditEvent"}
    return rows | {label: [] for label in of_logins}


def delete_logins():
    """As nobody but the database's owner can."""
    with lifted("default"):
        User.objects.all().delete()
        DemoRow.objects.all().delete()
        AuditEvent.objects.all().delete()


@pytest.fixture
def demo(loaded, db, settings):
    settings.MEDIA_ROOT = loaded["media"]
    return loaded


def entries(kind, **facts):
    return [
        entry
        for entry in CONTENT[kind]
        if all(entry.get(name) == value for name, value in facts.items())
    ]


def live_entries():
    return [entry for entry in entries("articles") if entry.get("days_ago", -1) >= 0]


# What it makes


def test_every_article_is_where_the_demo_says(demo, client):
    for entry in entries("articles"):
        made = Article.objects.get(slug=entry["slug"])
        status = client.get(made.get_absolute_url()).status_code
        if entry.get("state") == "draft":
            assert made.draft() and not made.revisions.published(), entry["slug"]
            assert status == 404
        elif entry["days_ago"] < 0:
            assert made.scheduled_revision() and not made.live_revision(), entry["slug"]
            assert status == 404
        else:
            live = made.live_revision()
            age = timezone.now() - live.published_at
            assert round(age / timedelta(days=1)) == entry["days_ago"], entry["slug"]
            assert live.is_updated == ("updated_days_ago" in entry)
            assert status == 200


def test_there_is_enough_to_read(demo):
    live = Revision.objects.live().for_reading()

    assert len(live) >= 8
    for one in live:
        assert 600 <= one.rendered().words <= 1500, one.title
        assert one.cover and one.summary
        assert one.article.bylines.exists() and one.article.topics.exists()


def test_articles_stand_where_the_demo_puts_them(demo):
    for entry in entries("articles"):
        made = Article.objects.get(slug=entry["slug"])
        assert {one.slug for one in made.topics.all()} == set(entry["topics"])
        assert [byline.author.slug for byline in made.bylines.all()] == entry["authors"]
        assert [link.other.slug for link in made.more_links.all()] == entry.get("more", [])
        assert made.series_position == entry.get("series_position")


def test_its_writers_and_publishers_have_work_on_their_desks(demo, client):
    client.force_login(User.objects.of_address("author@cleansystems.example").get())
    author = client.get("/admin/").text
    client.force_login(User.objects.of_address("publisher@cleansystems.example").get())
    publisher = client.get("/admin/").text

    assert "On Call Is a Contract" in author
    assert "Say who closed it, support or the team." in author  # sent back
    assert "Two facts changed, nothing else." in publisher  # asked for
    assert "kafka" in publisher


def test_the_inquiries_show_leads_in_every_stage(demo):
    assert {lead.stage for lead in Lead.objects.all()} == set(Lead.Stage)
    assert Inquiry.objects.count() == len(entries("inquiries"))
    assert Inquiry.objects.suspected().count() == len(entries("inquiries", verdict="suspected"))
    for lead in Lead.objects.all():
        assert lead.inquiries.exists() and lead.activities.exists()


def test_nothing_of_the_demo_is_ever_mailed(demo):
    assert Message.objects.exists()
    assert not Message.objects.undelivered()
    assert not Inquiry.objects.awaiting_notification()


def test_every_link_on_every_page_leads_somewhere(demo, client):
    seen, waiting = set(), {"/"}
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        links = lxml.html.fromstring(answer.content).xpath("//a/@href")
        inside = {link.partition("#")[0] for link in links if link.startswith("/")}
        files = {link for link in inside if link.startswith("/media/")}
        assert all(default_storage.exists(file.removeprefix("/media/")) for file in files)
        waiting |= inside - files - seen - {""}

    assert len(seen) > 20
    for entry in live_entries():
        assert reverse("articles:detail", args=[entry["slug"]]) in seen


def test_every_picture_of_the_demo_is_shown_somewhere_and_has_its_file(demo, client):
    shown = set()
    for one in Revision.objects.filter(article__slug__in=[e["slug"] for e in live_entries()]):
        page = lxml.html.fromstring(client.get(one.get_absolute_url()).content)
        shown |= set(page.xpath("//img[not(@class='wordmark')]/@src"))

    files = {address.removeprefix("/media/") for address in shown}
    assert len(files) > 10
    assert all(default_storage.exists(name) for name in files)


def test_there_is_a_login_for_each_role_and_it_works(demo, client):
    passwords = logins.known()

    assert len(passwords) == 4
    for role, (email, _) in logins.PEOPLE.items():
        assert f"{role} " in demo["said"] and passwords[email] in demo["said"]
        answer = client.post(
            reverse("admin:login"), {"username": email, "password": passwords[email]}
        )
        assert answer.status_code == 302, role
        assert client.get(reverse("admin:index")).status_code == 200


def test_the_logins_are_for_the_operators_eyes_alone(demo):
    assert stat.S_IMODE(logins.logins_file().stat().st_mode) == 0o600
    assert seed(logins=True).split() == demo["said"].split()


# Again


def test_loading_twice_makes_nothing_new(demo):
    before, passwords = every_row(), logins.known()

    said = seed()

    assert every_row() == before
    assert logins.known() == passwords
    assert said == demo["said"]


def test_what_someone_deleted_is_not_made_again(demo):
    gone = entries("articles", state="draft")[0]["slug"]
    Article.objects.filter(slug=gone).delete()
    MenuLink.objects.filter(page__slug="about").delete()

    seed()

    assert not Article.objects.filter(slug=gone).exists()
    assert not MenuLink.objects.filter(page__slug="about").exists()


def test_what_someone_took_off_an_article_is_not_put_back(demo):
    [chosen, *_] = [entry for entry in entries("articles") if entry.get("more")]
    of = Article.objects.get(slug=chosen["slug"])
    of.more_links.all().delete()

    seed()

    assert not of.more_links.exists()


def test_what_someone_changed_stays_changed(demo):
    SiteSettings.objects.update(name="Our own name")
    Topic.objects.filter(slug="reliability").update(name="Our own topic")

    seed()

    assert SiteSettings.load().name == "Our own name"
    assert Topic.objects.get(slug="reliability").name == "Our own topic"


def test_an_article_is_made_without_a_picture_that_someone_deleted(demo):
    slug = "documentation-across-time-zones"
    Inquiry.objects.filter(article__slug=slug).delete()
    with lifted("default"):
        Article.objects.filter(slug=slug).delete()
    DemoRow.objects.filter(key__regex=f"^(article|revision) {slug}").delete()
    Image.objects.get(title=title_of("figure-two-time-zones")).delete()

    seed()

    made = Revision.objects.live().get(article__slug=slug)
    assert "<figure>" not in made.body and "demo:" not in made.body
    assert made.body.count("<h2>") > 2


def title_of(picture):
    [entry] = entries("pictures", name=picture)
    return entry["title"]


# Away with it


def test_removing_it_leaves_everything_as_it_was(demo):
    said = seed(remove=True)

    assert but_for_logins(every_row()) == demo["before"]
    assert said == "The demo content is removed. Its logins are deactivated.\n"
    assert logins.known() == {}
    restore_logins(demo)


def test_removing_it_twice_is_no_trouble(demo):
    seed(remove=True)

    assert seed(remove=True) == "The demo content is removed. Its logins are deactivated.\n"
    restore_logins(demo)


def test_it_can_be_loaded_again_after_it_was_removed(demo):
    seed(remove=True)

    seed()

    assert Revision.objects.live().count() == len(live_entries())
    restore_logins(demo)


def test_the_logins_are_deactivated_with_it_and_come_back_with_it(demo):
    emails = {email for email, _ in logins.PEOPLE.values()}
    noted = LogEntry.objects.create(
        user=User.objects.get(email="admin@cleansystems.example"), action_flag=3, object_repr="Gone"
    )

    seed(remove=True)
    away = User.objects.filter(email__in=emails)
    were_away = [(person.is_active, person.has_usable_password()) for person in away]
    seed()

    assert were_away == [(False, False)] * len(emails)
    assert LogEntry.objects.get() == noted
    for email, password in logins.known().items():
        back = User.objects.get(email=email)
        assert back.is_active and back.check_password(password) and back.groups.count() == 1
    restore_logins(demo)


def test_removing_it_leaves_what_other_people_made(demo):
    ours = article(slug="our-own", topics=[topic(name="Our own")])
    someone = user(name="Someone")
    Page.objects.create(slug="our-page", title="Ours", body="<p>Ours</p>")

    seed(remove=True)

    assert Article.objects.get() == ours
    assert ours.live_revision()
    assert set(Page.objects.values_list("slug", flat=True)) == {"privacy", "our-page"}
    assert User.objects.get(is_active=True) == someone
    restore_logins(demo)


def test_a_picture_that_was_here_before_stays(demo):
    DemoRow.objects.filter(key="picture cover-bridge").delete()
    seed()

    seed(remove=True)

    assert Image.objects.get().title == "The new bridge carries already"
    restore_logins(demo)


def test_a_topic_that_someones_article_stands_under_stays(demo):
    own = article(topics=[Topic.objects.get(slug="reliability")])

    said = seed(remove=True)

    assert own.topics.get().slug == "reliability"
    assert "Reliability was kept: an article uses it." in said
    restore_logins(demo)


def test_an_article_that_someone_worked_on_stays_with_all_its_words(demo, client):
    slug = live_entries()[0]["slug"]
    worked_on = Article.objects.get(slug=slug)
    before = client.get(worked_on.get_absolute_url()).status_code
    publishing.save_draft(worked_on, text={"title": "Our own title"}, by=user())

    said = seed(remove=True)

    assert Article.objects.get() == worked_on
    assert worked_on.draft().title == "Our own title"
    assert before == client.get(worked_on.get_absolute_url()).status_code == 200
    assert worked_on.live_revision().cover
    assert {one.slug for one in worked_on.topics.all()} == set(live_entries()[0]["topics"])
    assert "was kept: someone has worked on it since" in said
    restore_logins(demo)


def test_an_article_that_earned_an_inquiry_stays_and_so_does_the_inquiry(demo, client):
    slug = live_entries()[0]["slug"]
    client.post(
        "/contact/",
        {"name": "Eve", "email": "eve@example.com", "message": "Help us.", "about": slug},
    )

    said = seed(remove=True)

    kept = Inquiry.objects.get()
    assert (kept.name, kept.article.slug) == ("Eve", slug)
    assert kept.article.live_revision()
    assert kept.lead and kept.contact
    assert Lead.objects.get().inquiries.get() == kept
    assert "was kept" in said
    restore_logins(demo)


def test_a_lead_that_sales_worked_on_stays_with_its_history(demo):
    lead = Lead.objects.filter(stage=Lead.Stage.QUALIFIED).first()
    inquiries, activities = lead.inquiries.count(), lead.activities.count()
    moves.note(lead, "They called back", by=user(), at=timezone.now())

    said = seed(remove=True)

    assert Lead.objects.get() == lead
    assert lead.inquiries.count() == inquiries
    assert lead.activities.count() == activities + 1
    assert Activity.objects.filter(text="They called back").exists()
    assert "was kept" in said
    restore_logins(demo)


def test_what_stayed_goes_once_nobody_needs_it(demo):
    worked_on = Article.objects.get(slug=live_entries()[0]["slug"])
    publishing.save_draft(worked_on, text={"title": "Our own title"}, by=None)
    seed(remove=True)

    with lifted("default"):  # its history goes, too
        publishing.discard_draft(worked_on).delete()
    seed(remove=True)

    assert but_for_logins(every_row()) == demo["before"]
    restore_logins(demo)


def test_settings_that_someone_wrote_stay(demo):
    SiteSettings.objects.update(name="Our own name", tagline="Our own tagline")

    seed(remove=True)

    kept = SiteSettings.load()
    assert (kept.name, kept.tagline) == ("Our own name", "Our own tagline")
    assert kept.home_heading == SiteSettings._meta.get_field("home_heading").default
    restore_logins(demo)


def restore_logins(demo):
    """The rows come back with the end of the test; the file must be put back by hand."""
    lines = [line.split() for line in demo["said"].splitlines()]
    passwords = {email: password for _, email, password in lines}
    logins.logins_file().touch(mode=0o600)
    logins.logins_file().write_text(json.dumps(passwords, indent=2))
