"""What is found in texts that have no draft: pages, services, offices, site settings."""

import lxml.html
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage

from accounts.roles import PUBLISHER
from articles.checking.findings import Kind
from articles.checking.revisions import check
from articles.models import PrivateName
from images.models import Image
from pages.models import Service, SiteSettings
from tests.builders import article, image, office, page, signed_in
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

WIDE = "<table><tbody><tr>" + "<td><p>x</p></td>" * 7 + "</tr></tbody></table>"


@pytest.fixture
def publisher():
    return signed_in(PUBLISHER)


@pytest.fixture
def private():
    PrivateName.objects.create(name="NordPay", kind="client")


def found_in(answer):
    """Each sentence, and the field that it leads to."""
    return [
        (item.cssselect("span")[0].text_content(), item.cssselect("a")[0].get("data-go"))
        for item in lxml.html.fromstring(answer.text).cssselect("#checks li")
        if item.cssselect("a")
    ]


def test_a_page_is_checked_as_an_article_is(publisher, private):
    undescribed = image(alt="IMG_2041.jpg")
    body = (
        f'<p>TODO: rewrite. For NordPay.</p><img src="/a" data-file="{undescribed.pk}">'
        f'<p><a href="/nowhere/">Away</a></p>{WIDE}'
    )
    about = page(slug="about-us", body=body, description="[insert text]")
    of_an_article = check(article(live_from=None, text={"body": body}).draft()).findings

    told = found_in(publisher.get(f"/admin/pages/page/{about.pk}/change/"))

    sentences = [sentence for sentence, _ in told]
    for one in of_an_article:
        assert any(one.sentence in said for said in sentences), one
    assert any("looks like something that was to be replaced" in said for said in sentences)
    assert {field for _, field in told} == {"body", "description"}


def test_what_is_found_is_said_after_a_save_and_stops_nothing(publisher, private):
    about = page(slug="about-us")
    url = f"/admin/pages/page/{about.pk}/change/"

    form = filled_in(publisher.get(url), "page_form", "_save", body="<p>For nordpay. TBD</p>")
    answer = publisher.post(url, form, follow=True)

    about.refresh_from_db()
    assert "nordpay" in about.body
    assert "“nordpay” is private" in answer.text and "“TBD” looks like" in answer.text


def test_services_offices_and_settings_are_checked_where_visitors_read_them(publisher, private):
    service = Service.objects.create(heading="Reviews", text="We did it for NordPay.")
    service.features.create(title="Lorem ipsum", text="Fine.")
    own = office(description="Beside NordPay.")
    settings = SiteSettings.load()
    SiteSettings.objects.filter(pk=settings.pk).update(footer_text="Ask NordPay.")

    for url, fields in {
        f"/admin/pages/service/{service.pk}/change/": {"text", "features-0-title"},
        f"/admin/offices/office/{own.pk}/change/": {"description"},
        f"/admin/pages/sitesettings/{settings.pk}/change/": {"footer_text"},
    }.items():
        answer = publisher.get(url)
        assert {field for _, field in found_in(answer)} == fields, url
        assert answer.text.index('id="checks"') > 0


def test_where_nothing_is_found_the_form_says_so(publisher):
    answer = publisher.get(f"/admin/offices/office/{office(description='Fine.').pk}/change/")

    checks = lxml.html.fromstring(answer.text).get_element_by_id("checks")
    assert "all fine" in checks.cssselect("summary")[0].text_content()


def test_code_may_say_what_a_placeholder_says(publisher):
    quoted = page(body="<pre><code>TODO: later</code></pre><p>A TODO list is no placeholder.</p>")

    told = found_in(publisher.get(f"/admin/pages/page/{quoted.pk}/change/"))

    assert not [said for said, _ in told if "to be replaced" in said]


def test_a_picture_whose_file_is_gone_keeps_an_article_from_going_live():
    shown = image()
    text = {"body": f'<p>Words</p><img src="/a" data-file="{shown.pk}">', "cover": shown}
    draft = article(live_from=None, text=text).draft()
    assert not check(draft).blocking

    default_storage.delete(shown.file.name)

    in_text, cover = check(draft).blocking
    assert {in_text.kind, cover.kind} == {Kind.PICTURE}
    assert (in_text.place.tag, cover.place.field) == ("img", "cover")
    assert "The file of the picture" in in_text.sentence


class Elsewhere(InMemoryStorage):
    """A store on another machine, which may not answer."""

    asked, answers = 0, True

    def exists(self, name):
        self.asked += 1
        if not self.answers:
            raise ConnectionError("no route to host")
        return super().exists(name)


def test_a_store_elsewhere_is_asked_once_and_may_be_silent(monkeypatch):
    shown = image()
    text = {"body": f'<p>Words</p><img src="/a" data-file="{shown.pk}">'}
    draft, store = article(live_from=None, text=text).draft(), Elsewhere()
    monkeypatch.setattr(Image._meta.get_field("file"), "storage", store)

    store.answers = False
    assert not check(draft).blocking
    store.answers = True
    assert [one.kind for one in check(draft).blocking] == [Kind.PICTURE]
    store.save(shown.file.name, ContentFile(b"there"))
    before = store.asked
    assert not check(draft).blocking and not check(draft).blocking
    assert store.asked == before + 1
