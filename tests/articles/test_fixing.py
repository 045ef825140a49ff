"""Live and Next: a typo is fixed in what readers see while a change waits, and offered to it."""

from datetime import timedelta

import lxml.html
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.roles import AUTHOR, PUBLISHER, SALES
from articles import doing, fixing, publishing, undoing
from articles.models import Revision
from tests.builders import article, revision, signed_in, user
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

TYPO = "<p>One adress service began to take two seconds.</p>"
FIX = TYPO.replace("adress", "address")
NEXT = TYPO.replace("seconds.", "seconds, and nothing was down.")
BOTH = NEXT.replace("adress", "address")
LATER = timedelta(days=1)


def fix_page(of):
    return reverse("admin:articles_article_fix", args=[of.pk])


def lanes(of, **query):
    return reverse("admin:articles_article_lanes", args=[of.pk], query=query)


def undo_of(answer):
    """What the button at the foot sends."""
    [form] = lxml.html.fromstring(answer.text).find_class("toast")[0].forms
    return dict(form.form_values())


@pytest.fixture
def live():
    return article(
        live_from=-LATER, text={"title": "A loan", "summary": "Of attempts.", "body": TYPO}
    )


@pytest.fixture(params=["scheduled", "draft"])
def waits(request, live):
    """What readers see next."""
    return revision(live, live_from=LATER if request.param == "scheduled" else None, body=NEXT)


def fixed(of, body=FIX, *, by=None, act=None):
    seen, now = of.live_revision(), timezone.now()
    return fixing.fix_live(of, text={"body": body}, of=seen, at=now, by=by, act=act)


def offered(waits):
    waits.refresh_from_db()
    return fixing.offer(waits)


def taken_in(waits, *, by=None, act=None):
    seen = fixing.stamp(offered(waits))
    return fixing.take_in(waits, seen=seen, at=timezone.now(), by=by, act=act)


class TestFixing:
    def test_readers_see_the_fix_now_and_what_waits_is_as_it_was(self, live, waits, client):
        before = Revision.objects.filter(pk=waits.pk).values().get()

        fixed(live)

        assert "address" in client.get(live.get_absolute_url()).text
        assert Revision.objects.filter(pk=waits.pk).values().get() == before

    def test_what_was_scheduled_goes_live_at_its_hour(self, live):
        scheduled = revision(live, live_from=LATER, body=NEXT)

        fix = fixed(live)

        assert list(Revision.objects.live(scheduled.live_from)) == [scheduled]
        assert list(Revision.objects.live(scheduled.live_from - timedelta(seconds=1))) == [fix]

    def test_it_stays_as_old_as_it_was(self, live):
        published_at = live.live_revision().published_at

        assert fixed(live).published_at == published_at

    def test_what_waits_is_still_what_one_goes_on_writing(self, live, waits):
        fixed(live)

        again = publishing.save_draft(live, text={"summary": "New"}, by=None)

        assert again.body == NEXT

    def test_a_scheduled_version_can_become_the_draft_again(self, live):
        scheduled = revision(live, live_from=LATER, body=NEXT)
        fixed(live)

        publishing.unschedule(scheduled)

        assert live.draft() == scheduled

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ({"body": TYPO}, "Nothing is different"),
            ({"body": ""}, "The text is empty"),
            ({"title": " "}, "The title is missing"),
        ],
    )
    def test_what_is_no_fix_is_refused(self, live, waits, text, why):
        with pytest.raises(ValidationError, match=why):
            fixing.fix_live(live, text=text, of=live.live_revision(), at=timezone.now(), by=None)

    def test_a_text_that_readers_do_not_see_any_more_is_refused(self, live, waits):
        seen = live.live_revision()
        fixed(live)

        with pytest.raises(ValidationError, match="Readers see revision"):
            fixing.fix_live(live, text={"body": "<p>x</p>"}, of=seen, at=timezone.now(), by=None)

    def test_an_article_that_readers_do_not_see_has_nothing_to_fix(self, live, waits):
        seen = live.live_revision()
        publishing.unpublish(live, at=timezone.now())

        with pytest.raises(ValidationError, match="Readers see nothing"):
            fixing.fix_live(live, text={"body": FIX}, of=seen, at=timezone.now(), by=None)


class TestTheOffer:
    def test_is_what_waits_with_the_fix_put_in(self, live, waits):
        fixed(live)

        found = offered(waits)

        assert found.text["body"] == BOTH
        assert "<del>adress</del><ins>address</ins>" in found.comparison.rows[0].both

    def test_is_none_without_a_fix_and_none_once_it_has_it(self, live, waits):
        assert offered(waits) is None

        fixed(live)
        made = taken_in(waits)

        assert made.body == BOTH and offered(made) is None

    def test_of_several_fixes_has_all(self, live, waits):
        fixed(live)
        fixed(live, FIX.replace("two", "2"))

        assert offered(waits).text["body"] == BOTH.replace("two", "2")

    def test_leaves_words_alone_that_are_others_here_and_says_so(self, live):
        waits = revision(live, body=TYPO.replace("adress", "post"))

        fixed(live)

        found = offered(waits)
        assert (found.is_open, found.unfit) == (False, 1)

    def test_is_not_made_to_what_was_begun_after_the_fix(self, live):
        fixed(live)
        begun = revision(live, body=FIX.replace("address", "adress"))

        assert offered(begun) is None

    def test_is_made_to_each_version_that_waits(self, live):
        revision(live, live_from=LATER, body=NEXT)
        revision(live, body=NEXT.replace("down", "up"))

        fixed(live)

        assert [bool(fixing.offer(one)) for one in fixing.waiting(live)] == [True, True]


class TestTakingIn:
    def test_what_waits_has_the_fix_and_the_same_hour(self, live, waits):
        at = waits.live_from
        fixed(live)

        made = taken_in(waits)

        assert (made.body, made.live_from) == (BOTH, at)
        assert fixing.waiting(live) == [made]
        waits.refresh_from_db()
        assert (waits.state, waits.body) == ("discarded", NEXT)

    def test_nothing_is_taken_in_that_was_not_shown(self, live, waits):
        fixed(live)
        seen = fixing.stamp(offered(waits))
        Revision.objects.filter(pk=waits.pk).update(edited_at=timezone.now())

        with pytest.raises(ValidationError, match="has changed since"):
            fixing.take_in(waits, seen=seen, at=timezone.now(), by=None)

    def test_a_fix_that_readers_do_not_see_any_more_is_not_undone(self, live):
        scheduled, ada = revision(live, live_from=LATER, body=NEXT), user(name="Ada")
        done = doing.each(
            [live], lambda one, act: fixed(one, by=ada, act=act), by=ada, at=timezone.now()
        )

        with time_machine.travel(scheduled.live_from):
            said = undoing.take_back(done.act, ada, timezone.now())

        assert said == ["Not undone: readers see another revision by now."]

    def test_what_went_live_since_is_not_taken_out_of_line(self, live):
        scheduled, ada = revision(live, live_from=LATER, body=NEXT), user(name="Ada")
        at = scheduled.live_from
        fixed(live)
        done = doing.each(
            [live], lambda one, act: taken_in(scheduled, by=ada, act=act), by=ada, at=timezone.now()
        )

        with time_machine.travel(at):
            said = undoing.take_back(done.act, ada, timezone.now())

        assert said == ["Not undone: the version with the fix no longer waits."]


class TestThePage:
    def test_shows_both_side_by_side_with_what_they_have_apart(self, live, waits):
        page = lxml.html.fromstring(signed_in(PUBLISHER).get(lanes(live)).content)

        [own] = page.xpath("//*[contains(@class, 'lane--live')]//p[contains(., 'adress')]")
        [next_] = page.xpath("//*[contains(@class, 'lane--next')]//ins")
        assert "nothing" not in own.text_content()
        assert "nothing was down" in next_.text_content()

    def test_from_the_article_to_both_fixed_are_four_clicks(self, live, waits, client):
        publisher = signed_in(PUBLISHER)
        change = reverse("admin:articles_article_change", args=[live.pk])

        article_page = lxml.html.fromstring(publisher.get(change).content)
        [to_fix] = article_page.xpath("//a[normalize-space()='Fix the live text']/@href")
        sent = filled_in(publisher.get(to_fix), "article_form", "_fix", body=FIX)
        after = publisher.post(to_fix, sent, follow=True)
        taken = publisher.post(lanes(live), filled_in(after, "take-in"), follow=True)

        assert "address" in client.get(live.get_absolute_url()).text
        assert [one.body for one in fixing.waiting(live)] == [BOTH]
        assert "Undo" in taken.text

    def test_each_is_a_line_of_the_history_and_undone_by_the_button_at_the_foot(self, live, waits):
        publisher = signed_in(PUBLISHER)
        form = publisher.get(fix_page(live))
        sent = filled_in(form, "article_form", "_fix", body=FIX)
        fix_made = publisher.post(fix_page(live), sent, follow=True)
        taken = publisher.post(lanes(live), filled_in(fix_made, "take-in"), follow=True)
        assert [one.kind for one in live.history_lines.all()[:2]] == ["took_in", "fixed"]

        assert "Fix taken in" in taken.text
        taken_back = publisher.post(reverse("admin:undo"), undo_of(taken), follow=True)
        assert [one.body for one in fixing.waiting(live)] == [NEXT]
        publisher.post(reverse("admin:undo"), undo_of(taken_back))
        assert live.live_revision().body == TYPO

    def test_a_fix_of_a_text_that_changed_meanwhile_is_put_together_and_read(self, live, waits):
        publisher = signed_in(PUBLISHER)
        typed = TYPO.replace("two", "2")
        sent = filled_in(publisher.get(fix_page(live)), "article_form", "_fix", body=typed)
        fixed(live)

        refused = publisher.post(fix_page(live), sent)
        publisher.post(fix_page(live), filled_in(refused, "article_form", "_fix"))

        assert "Nothing was published" in refused.text
        assert live.live_revision().body == FIX.replace("two", "2")

    def test_one_that_touches_it_is_asked_about(self, live, waits):
        publisher = signed_in(PUBLISHER)
        typed = TYPO.replace("adress", "Address")
        sent = filled_in(publisher.get(fix_page(live)), "article_form", "_fix", body=typed)
        fixed(live)

        refused = publisher.post(fix_page(live), sent)

        assert "Keep both" in refused.text
        assert live.live_revision().body == FIX

    def test_what_is_no_fix_is_said_on_the_page(self, live, waits):
        publisher = signed_in(PUBLISHER)
        sent = filled_in(publisher.get(fix_page(live)), "article_form", "_fix")

        assert "Nothing is different" in publisher.post(fix_page(live), sent).text

    @pytest.mark.parametrize("role", [AUTHOR, SALES])
    def test_only_publishers_change_what_readers_see(self, live, role):
        scheduled = revision(live, live_from=LATER, body=NEXT)
        someone = signed_in(role)
        fix = fixed(live)

        assert someone.get(fix_page(live)).status_code == 403
        assert someone.post(fix_page(live), {"body": FIX}).status_code == 403
        assert someone.post(lanes(live), {"take": scheduled.number, "seen": "x"}).status_code == 403
        assert live.live_revision() == fix

    def test_an_author_sees_both(self, live, waits):
        assert signed_in(AUTHOR).get(lanes(live)).status_code == 200

    def test_without_anything_that_waits_it_leads_to_the_article(self, live):
        answer = signed_in(PUBLISHER).get(lanes(live))

        assert answer.headers["Location"] == reverse(
            "admin:articles_article_change", args=[live.pk]
        )
