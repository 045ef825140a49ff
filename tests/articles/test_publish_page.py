"""The page that says what publishing would do, and does it."""

from datetime import datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
from django.utils import timezone

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from articles.checking import hours
from articles.models import PrivateName
from images.models import Image
from tests.builders import article, author, image, office, revision, signed_in, user
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


def url(of):
    return f"/admin/articles/article/{of.pk}/publish/"


def draft(body="<p>Words</p>", **text):
    return article(live_from=None, text={"body": body} | text)


def tree(answer):
    return lxml.html.fromstring(answer.text)


def main_button(answer):
    [button] = tree(answer).cssselect(".button--main")
    return button


def pressed(client, of, **changes):
    form = filled_in(client.get(url(of)), "publish-form", **changes)
    return client.post(url(of), form, follow=True)


def heading(answer):
    return tree(answer).cssselect("h1")[0].text_content()


# What it says


def test_it_is_titled_by_what_readers_will_see():
    new, changed = draft(), article(text={"title": "One", "body": "<p>Two three</p>"})
    revision(changed, title="Won", body="<p>Two three four</p>", summary="Another.")
    client = signed_in(PUBLISHER)

    assert heading(client.get(url(new))) == "Readers will see a new article"
    answer = client.get(url(changed))
    assert heading(answer) == "Readers will see three changes"
    assert tree(answer).cssselect(".diff ins")


def test_the_picture_for_shared_links_is_that_of_the_draft():
    changed = article(text={"title": "Shown"})
    revision(changed, title="Not shown yet")
    path = f"/admin/article-card/{changed.pk}.png"

    answer = signed_in(AUTHOR).get(path)

    assert answer["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert signed_in(SALES).get(path).status_code == 403


def test_each_office_has_its_hour_on_its_working_day():
    office(name="Copenhagen", timezone="Europe/Copenhagen", position=1)
    office(name="Magelang", timezone="Asia/Jakarta", opens_at="08:00", closes_at="16:00")
    at = datetime.fromisoformat("2026-12-03T08:00:00+00:00")  # a Thursday
    saturday = at + timedelta(days=2)

    with timezone.override("Europe/Copenhagen"):
        told = {one.name: one for one in hours.clocks(at)}
        idle = hours.clocks(saturday)[0]
    with timezone.override("America/Chicago"):
        abroad = hours.clocks(at)[0]

    assert next(iter(told)) == "Copenhagen, yours"
    mine, magelang = told["Copenhagen, yours"], told["Magelang"]
    assert (f"{mine.local:%H:%M}", mine.at, mine.opens, mine.closes) == ("09:00", 45, 45, 85)
    assert (f"{magelang.local:%H:%M}", magelang.said) == ("15:00", "at work")
    assert idle.opens is None and idle.said == "not at work"
    assert (abroad.name, f"{abroad.local:%H:%M}", abroad.opens) == ("Chicago, yours", "02:00", None)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        # Copenhagen and Chicago change their clocks on different days, Jakarta on none.
        ("2027-01-14", ["09:00 Thu", "15:00 Thu", "02:00 Thu"]),
        ("2027-03-18", ["09:00 Thu", "15:00 Thu", "03:00 Thu"]),
        ("2027-04-01", ["09:00 Thu", "14:00 Thu", "02:00 Thu"]),
    ],
)
def test_the_page_tells_each_hour_by_the_clock_of_its_office(day, told):
    zones = ["Europe/Copenhagen", "Asia/Jakarta", "America/Chicago"]
    for position, zone in enumerate(zones):
        office(name=zone, timezone=zone, position=position)
    client = signed_in(PUBLISHER, timezone="Europe/Copenhagen")
    asked = {"when": "later", "moment_0": day, "moment_1": "09:00"}

    rows = tree(client.get(url(draft()), asked)).cssselect(".zones tr")

    shown = {row.cssselect("th")[0].text: row.cssselect("td")[0] for row in rows}
    hours_of = [
        " ".join(next(cell for name, cell in shown.items() if name.startswith(zone)).itertext())
        for zone in zones
    ]
    assert [" ".join(one.split()[:2]).rstrip(",") for one in hours_of] == told


def test_it_names_what_else_goes_live_that_day():
    tomorrow = timezone.localdate() + timedelta(days=1)
    noon = timezone.make_aware(datetime.combine(tomorrow, time(12)))
    article(live_from=noon, text={"title": "Backups Nobody Has Restored"})
    waits = draft()
    client = signed_in(PUBLISHER)
    asked = {"when": "later", "moment_0": tomorrow.isoformat(), "moment_1": "09:00"}

    assert "Nothing else goes live today" in client.get(url(waits)).text
    answer = client.get(url(waits), asked).text

    assert "That day too" in answer and "“Backups Nobody Has Restored”" in answer
    assert "Schedule for" in answer
    assert not waits.revisions.published().exists()


# What it does


def test_when_nothing_is_red_one_press_publishes():
    fine = draft(title="Fine")
    client = signed_in(PUBLISHER)

    assert main_button(client.get(url(fine))).get("form") == "publish-form"
    answer = pressed(client, fine)

    assert fine.live_revision().title == "Fine"
    assert answer.redirect_chain[-1][0].endswith("/change/")
    assert "Undo" in answer.text


def test_it_schedules_for_the_hour_that_is_chosen():
    fine = draft()
    day = timezone.localdate() + timedelta(days=3)

    pressed(signed_in(PUBLISHER), fine, when="later", moment_0=day.isoformat(), moment_1="09:30")

    assert timezone.localtime(fine.scheduled_revision().live_from).date() == day


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (("", ""), "Choose when"),
        (("2020-01-01", "09:00"), "in the past"),
        (("2999-01-01", "09:00"), "Choose a year"),
        (("never", "09:00"), "valid date"),
        (("2026-13-45", "25:61"), "valid date"),
        (("a\0b", "a\0b"), "valid date"),
        (("0001-01-01", "23:59:59"), "Choose a year"),
        (("9999-12-31", "23:59:59"), "Choose a year"),
    ],
)
def test_an_hour_that_cannot_be_is_refused(moment, said):
    fine = draft()

    answer = pressed(
        signed_in(PUBLISHER), fine, when="later", moment_0=moment[0], moment_1=moment[1]
    )

    assert answer.status_code == 422
    assert said in answer.text
    assert not fine.revisions.published().exists()


def test_what_a_colleague_changed_since_is_looked_at_first():
    read = draft(title="Read")
    client = signed_in(PUBLISHER)
    form = filled_in(client.get(url(read)), "publish-form")
    revision(read, by=user(name="Grace"), title="Not read")

    answer = client.post(url(read), form)

    assert answer.status_code == 422
    assert "Grace has changed the text" in answer.text
    assert not read.revisions.published().exists()


def test_where_a_check_blocks_the_filled_button_is_the_way_to_its_place():
    shown = image()
    bad = image(alt="IMG_1.jpg")
    body = f'<p>x</p><img src="/a" data-file="{shown.pk}"><img src="/b" data-file="{bad.pk}">'
    blocked = draft(body)
    client = signed_in(PUBLISHER)

    answer = client.get(url(blocked))
    button = main_button(answer)

    assert button.tag == "a" and button.text_content() == "Go to the picture"
    place = urlsplit(button.get("href"))
    assert place.path == f"/admin/articles/article/{blocked.pk}/change/"
    assert place.fragment == "id_body"
    assert parse_qs(place.query) == {"go": ["body"], "tag": ["img"], "nth": ["1"]}
    assert "One thing to fix first" in answer.text
    # Nor by hand.
    form = filled_in(client.get(url(blocked)), "publish-form")
    assert client.post(url(blocked), form).status_code == 422
    assert not blocked.revisions.published().exists()

    Image.objects.filter(pk=bad.pk).update(alt="A bridge, half of it built")

    assert main_button(client.get(url(blocked))).tag == "button"
    pressed(client, blocked)
    assert blocked.live_revision()


def test_without_a_draft_there_is_nothing_to_do():
    answer = signed_in(PUBLISHER).get(url(article()), follow=True)

    assert "nothing to publish" in answer.text


# Who may


def test_an_author_is_led_to_review_and_cannot_publish():
    fine = draft()
    client = signed_in(AUTHOR)

    answer = client.get(url(fine))

    assert main_button(answer).get("href") == f"/admin/articles/article/{fine.pk}/review/"
    assert "publish-form" not in answer.text
    form = filled_in(signed_in(PUBLISHER).get(url(fine)), "publish-form")
    assert client.post(url(fine), form).status_code == 403
    assert not fine.revisions.published().exists()


@pytest.mark.parametrize("path", ["publish/", "checks/"])
def test_sales_see_none_of_it(path):
    fine = draft()

    assert signed_in(SALES).get(url(fine).replace("publish/", path)).status_code == 403


def test_the_checks_of_the_rail_are_made_anew(client):
    unsigned = article(live_from=None, authors=[])
    writer = signed_in(AUTHOR)
    address = url(unsigned).replace("publish/", "checks/")

    assert "It has no author" in writer.get(address).text
    unsigned.bylines.create(author=author(), position=0)
    assert "It has no author" not in writer.get(address).text


def test_an_administrator_allows_a_private_name_there_and_nobody_else():
    PrivateName.objects.create(name="NordPay")
    said = draft("<p>We helped nordpay.</p>")
    administrator, publisher = signed_in(ADMINISTRATOR, name="Ada"), signed_in(PUBLISHER)

    assert "Allow it here" not in publisher.get(url(said)).text
    [key] = tree(administrator.get(url(said))).xpath("//button[@name='allow']/@value")
    assert publisher.post(url(said), {"allow": key, "reason": "x"}).status_code == 403
    assert administrator.post(url(said), {"allow": key, "reason": ""}).status_code == 422
    administrator.post(url(said), {"allow": key, "reason": "They agreed"})

    answer = publisher.get(url(said))
    assert "is allowed by Ada: They agreed" in answer.text
    assert main_button(answer).tag == "button"
    pressed(publisher, said)
    assert said.live_revision()
    history = publisher.get(f"/admin/articles/article/{said.pk}/history/").text
    assert "Allowed to be published" in history and "They agreed" in history


def test_history_keeps_which_warnings_stood():
    warned = draft('<p><a href="/contact/">here</a></p>')
    client = signed_in(PUBLISHER)

    pressed(client, warned)

    told = client.get(f"/admin/articles/article/{warned.pk}/history/").text
    assert "Published all the same: “here” does not say where the link leads" in told


def test_the_form_has_the_checks_and_leads_to_the_page():
    blocked = draft("<p>-----BEGIN PRIVATE KEY-----</p>")
    client = signed_in(PUBLISHER)
    page = f"/admin/articles/article/{blocked.pk}/change/"

    form = filled_in(client.get(page), "article_form", "_publish_dialog")
    answer = client.post(page, form)

    assert "1 to fix" in client.get(page).text
    assert answer.url == url(blocked)
    assert not blocked.revisions.published().exists()
