"""Members of staff have time zones, in which the desk and emails to them name days and hours."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from desk import zones
from desk.moments import ClockInput, DayInput, MomentInput
from leads.duty.care import care_of
from leads.intake import receiving
from leads.messages import compose
from leads.messages.digests import send_due
from leads.messages.recipients import zone_of
from leads.models import Inquiry, Lead, NextStep, Recipient
from mail.models import Message
from tests import builders
from tests.builders import SPAM
from tests.leads.test_admin import change, open_page

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}
LATE = datetime(2030, 5, 6, 22, 30, tzinfo=UTC)  # half past midnight in Copenhagen
COPENHAGEN = "Europe/Copenhagen"


@pytest.fixture
def lead():
    return receiving.receive(Inquiry(**ADA)).lead


class TestTheirOwn:
    def test_everyone_chooses_their_own(self):
        author = builders.signed_in("Author", name="Signe")

        page = author.get(reverse("admin:own_zone")).content.decode()
        assert "America/Los_Angeles" in page
        assert 'aria-describedby="id_timezone_helptext"' in page
        assert 'id="id_timezone_helptext"' in page
        author.post(reverse("admin:own_zone"), {"timezone": COPENHAGEN})

        person = author.get("/admin/").wsgi_request.user
        assert (person.name, person.timezone) == ("Signe", COPENHAGEN)

    @pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "CET; DROP", "x" * 300])
    def test_no_other_than_there_is(self, name):
        author = builders.signed_in("Author")

        assert author.post(reverse("admin:own_zone"), {"timezone": name}).status_code == 200
        assert author.get("/admin/").wsgi_request.user.timezone == ""
        with pytest.raises(ValidationError):
            zones.validate_zone(name)

    def test_one_that_this_machine_does_not_know_is_that_of_the_site(self, settings):
        settings.TIME_ZONE = "Asia/Tokyo"

        assert builders.user(timezone="Mars/Olympus").zone.key == "Asia/Tokyo"
        assert builders.user().zone.key == "Asia/Tokyo"

    def test_a_visitor_has_none(self, client):
        assert client.get(reverse("admin:own_zone")).status_code == 302

    def test_the_next_request_of_someone_else_is_not_in_it(self):
        builders.signed_in("Sales", timezone="Asia/Tokyo").get("/admin/")

        assert timezone.get_current_timezone_name() == "UTC"


class TestOnTheDesk:
    def test_lists_and_pages_and_forms_name_the_same_day_and_hour(self, lead):
        Lead.objects.update(respond_by=LATE)
        lone = builders.signed_in("Sales", timezone=COPENHAGEN)

        listed = lone.get(reverse("admin:leads_lead_changelist")).content.decode()
        page = open_page(lone, lead).content.decode()

        assert "due 7 May, 00:30" in listed and "due 7 May, 00:30" in page
        assert 'value="2030-05-07"' in page and 'value="00:30"' in page

    def test_what_they_enter_is_theirs_and_the_history_names_the_zone(self, lead):
        lone = builders.signed_in("Sales", timezone="America/Los_Angeles")

        change(lone, lead, respond_by_0="2030-05-06", respond_by_1="15:30")

        assert Lead.objects.get().respond_by == LATE
        assert "6 May 2030, 15:30 PDT" in lead.activities.get(kind="change").text

    def test_saving_a_page_changes_no_moment_that_nobody_touched(self, lead):
        moment = LATE + timedelta(seconds=21, microseconds=7)
        Lead.objects.update(respond_by=moment)

        change(builders.signed_in("Sales", timezone=COPENHAGEN), lead, note="Called")

        assert Lead.objects.get().respond_by == moment
        assert not lead.activities.filter(kind="change").exists()

    def test_the_article_list_names_the_day_that_is_chosen_for_publishing(self):
        article = builders.article(live_from=LATE)
        builders.revision(article)
        eric = builders.signed_in("Publisher", timezone=COPENHAGEN)

        listed = eric.get(reverse("admin:articles_article_changelist")).content.decode()
        sheet = eric.get(reverse("admin:articles_article_publish", args=[article.pk]))

        assert "Live from 7 May" in listed
        assert "The time is in Europe/Copenhagen." in sheet.text

    def test_a_next_step_is_due_by_their_calendar(self, lead, time_machine):
        time_machine.move_to(LATE, tick=False)
        NextStep.objects.create(lead=lead, text="Call", due_on=date(2030, 5, 7))
        lone, lars = (
            builders.signed_in("Sales", timezone=name)
            for name in (COPENHAGEN, "America/Los_Angeles")
        )

        assert 'badge--failed">due' in self.listed(lone)
        assert 'badge--failed">due' not in self.listed(lars)

    def listed(self, client):
        return client.get(reverse("admin:leads_lead_changelist")).content.decode()


class TestInEmails:
    def test_the_notification_and_the_daily_email_are_in_the_recipients(self):
        builders.office(is_headquarters=True, timezone="Asia/Jakarta")
        Recipient.objects.create(email="lone@example.org")
        builders.user(email="Lone@example.org", timezone=COPENHAGEN)
        inquiry = receiving.receive(Inquiry(**ADA, received_at=LATE))
        receiving.receive(
            Inquiry(**{**ADA, "email": "b@example.com"}, received_at=LATE), signs=SPAM
        )

        email = compose.notification(inquiry)
        care = care_of(inquiry.lead, at=LATE)
        ours, shared = (
            compose.notification_for(to, inquiry, email, care)["text"]
            for to in ("lone@example.org", "sales@example.org")
        )
        send_due(LATE + timedelta(hours=9))

        assert "Tuesday 7 May 2030, 00:30 (CEST)" in ours
        assert "Tuesday 7 May 2030, 05:30 (WIB)" in shared
        assert "7 May 2030, 00:30 CEST" in Message.objects.get(key__startswith="suspected").text

    def test_nobodys_mailbox_without_an_office_is_in_the_sites(self):
        assert zone_of("sales@example.org").key == "UTC"


class TestWhatStaffEnter:
    @pytest.mark.parametrize("day", ["1/12/2030", "01.12.2030", "12-01-2030", "Dec 1 2030", "1 12"])
    def test_no_order_of_day_and_month_is_guessed(self, lead, day):
        lone = builders.signed_in("Sales")

        change(lone, lead, next_step="Call", next_due=day)
        change(lone, lead, respond_by_0=day, respond_by_1="12:00")

        assert not NextStep.objects.exists()
        assert not lead.activities.filter(kind="change").exists()

    def test_nowhere_in_any_form(self):
        for field in (forms.DateField(), forms.DateTimeField()):
            for typed in ("1/12/2030", "12/1/2030", "01.12.2030", "1 Dec 2030"):
                with pytest.raises(ValidationError):
                    field.clean(typed)

    def test_a_next_step_is_not_due_in_the_past(self, lead, time_machine):
        time_machine.move_to(LATE, tick=False)
        lone = builders.signed_in("Sales", timezone=COPENHAGEN)

        refused = change(lone, lead, next_step="Call", next_due="2030-05-06")
        change(lone, lead, next_step="Call", next_due="2030-05-07")

        assert "This date has passed." in refused.content.decode()
        assert NextStep.objects.get().due_on == date(2030, 5, 7)

    def test_one_that_is_overdue_may_be_done_but_not_put_off_into_the_past(self, lead):
        owner = builders.user(role="Sales")
        step = NextStep.objects.create(lead=lead, text="Call", due_on=date(2026, 1, 1), owner=owner)
        lone = builders.signed_in("Sales")

        refused = change(lone, lead, **{"next_steps-0-due_on": "2026-02-01"})
        change(lone, lead, **{"next_steps-0-is_done": "on"})

        assert "This date has passed." in refused.content.decode()
        step.refresh_from_db()
        assert step.is_done and step.due_on == date(2026, 1, 1)

    def test_an_answer_is_not_due_in_the_past(self, lead):
        refused = change(
            builders.signed_in("Sales"), lead, respond_by_0="2026-01-01", respond_by_1="12:00"
        )

        assert "This time has passed." in refused.content.decode()

    def test_every_field_of_the_admin_is_the_browsers_own(self, rf):
        """Of every form of every model and of the rows within it, whoever adds one next."""
        request = rf.get("/admin/")
        request.user = builders.user(is_superuser=True)
        seen = 0
        for model_admin in admin.site._registry.values():
            if not model_admin.has_change_permission(request):
                continue
            inlines = model_admin.get_inline_instances(request)
            kinds = [model_admin.get_form(request, change=True)]
            kinds += [
                one.get_formset(request).form
                for one in inlines
                if one.has_change_permission(request)
            ]
            for form in kinds:
                for name, field in form.base_fields.items():
                    native = {
                        forms.SplitDateTimeField: MomentInput,
                        forms.DateTimeField: MomentInput,
                        forms.DateField: DayInput,
                        forms.TimeField: ClockInput,
                    }.get(type(field))
                    if native:
                        seen += 1
                        assert isinstance(field.widget, native), f"{form} {name}"
        assert seen >= 5


@pytest.mark.parametrize("typed", ["Europe/Copenhagen", "europe/copenhagen", " copenhagen "])
def test_a_zone_is_found_by_its_name_or_its_city_in_any_case(typed):
    assert zones.find(typed) == "Europe/Copenhagen"


@pytest.mark.parametrize("typed", ["", "  "])
def test_nothing_typed_is_no_zone(typed):
    assert zones.find(typed) == ""


@pytest.mark.parametrize(("typed", "said"), [
    ("Lindenfreight", "No such time zone. Use a name like Europe/Copenhagen."),
    ("Istanbul", "Choose one of Asia/Istanbul, Europe/Istanbul."),
])  # fmt: skip
def test_what_is_no_zone_or_several_is_said(typed, said):
    with pytest.raises(ValidationError) as refused:
        zones.find(typed)

    assert refused.value.messages == [said]
