"""The same form, sent twice by a double click."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from accounts.roles import AUTHOR, PUBLISHER, SALES
from articles.models import Article
from desk.models import SentForm
from leads.intake import receiving
from leads.models import Inquiry
from readiness.models import QuestionSet
from tests.builders import article, author, signed_in
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

ADD = reverse("admin:articles_article_add")
NEW = {"title": "Twice", "slug": "twice", "summary": "Once", "body": "<p>Words.</p>"}


def form_of(row):
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def sent_twice(client, address, form):
    return [client.post(address, form, follow=True) for _ in range(2)]


@pytest.mark.parametrize("button", ["_draft", "_preview", "_review"])
def test_a_new_article_is_made_once(button):
    client = signed_in(AUTHOR)
    form = filled_in(
        client.get(ADD, follow=True),
        "article_form",
        button,
        **NEW,
        **{"bylines-0-author": author().pk},
    )

    first, second = sent_twice(client, ADD, form)

    assert Article.objects.get().bylines.count() == 1
    assert second.redirect_chain == first.redirect_chain != []


@pytest.mark.parametrize("button", ["_draft", "_review"])
def test_saving_twice_reports_no_conflict(button):
    client, draft = signed_in(PUBLISHER), article(live_from=None)
    form = filled_in(client.get(form_of(draft)), "article_form", button, title="New words")

    first, second = sent_twice(client, form_of(draft), form)

    for answer in (first, second):
        assert "Saved." in answer.text
        assert "while you were writing" not in answer.text
        assert "Saved, but" not in answer.text
    assert draft.revisions.get().title == "New words"


def test_a_draft_of_the_questions_is_saved_twice_in_peace():
    client = signed_in(PUBLISHER)
    client.post(reverse("admin:readiness_questionset_draft"))
    questions = QuestionSet.objects.order_by("pk").last()
    form = filled_in(client.get(form_of(questions)), "questionset_form", "_save", note="New")

    first, second = sent_twice(client, form_of(questions), form)

    assert "A colleague changed" not in second.text
    assert second.redirect_chain == first.redirect_chain != []


def test_a_note_on_a_lead_is_written_once():
    client = signed_in(SALES)
    lead = receiving.receive(Inquiry(name="Ada", email="ada@example.com", message="Hello")).lead
    form = filled_in(client.get(form_of(lead)), "lead_form", "_continue", note="Called")

    sent_twice(client, form_of(lead) + "?_changelist_filters=q%3Dada", form)

    assert lead.activities.filter(kind="note").count() == 1
    assert "ada" not in str(SentForm.objects.values_list().get()).casefold()


def test_what_was_refused_may_be_sent_again():
    client, draft, other = signed_in(PUBLISHER), article(live_from=None), article(slug="taken")
    form = filled_in(client.get(form_of(draft)), "article_form", "_draft", slug="taken")
    refused = client.post(form_of(draft), form, follow=True)
    assert "This address belongs to" in refused.text

    Article.objects.filter(pk=other.pk).update(slug="free")
    client.post(form_of(draft), form)

    draft.refresh_from_db()
    assert draft.slug == "taken"
    assert SentForm.objects.count() == 1


def test_someone_else_who_sends_the_same_agrees():
    draft = article(live_from=None)
    signed = [signed_in(PUBLISHER), signed_in(PUBLISHER)]
    form = filled_in(signed[0].get(form_of(draft)), "article_form", "_draft", title="New words")

    answers = [client.post(form_of(draft), form).status_code for client in signed]

    assert answers == [302, 302]
    assert draft.revisions.get().title == "New words"


def test_it_is_forgotten_after_a_moment():
    client, draft = signed_in(PUBLISHER), article(live_from=None)
    form = filled_in(client.get(form_of(draft)), "article_form", "_draft", title="New words")
    client.post(form_of(draft), form)

    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        client.post(form_of(draft), form)

        assert SentForm.objects.get().sent_at == timezone.now()


@pytest.mark.django_db(transaction=True)
def test_two_that_come_at_the_same_time_wait_for_each_other():
    client = signed_in(AUTHOR)
    form = filled_in(client.get(ADD, follow=True), "article_form", "_draft", **NEW)
    together, answers = Barrier(2), []

    def send():
        together.wait()
        answers.append(client.post(ADD, form))
        connections.close_all()

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].url == answers[1].url
    assert Article.objects.count() == 1


@pytest.mark.parametrize("button", ["_draft", "_preview"])
def test_back_from_a_new_article_leads_to_it(button):
    client = signed_in(AUTHOR)
    empty = client.get(ADD, follow=True).redirect_chain[-1][0]
    form = filled_in(client.get(empty), "article_form", button, **NEW)
    client.post(empty, form)

    back = client.get(empty, follow=True)

    assert back.redirect_chain == [(form_of(Article.objects.get()), 302)]
    assert "This is what you saved" in back.text


def test_a_browser_that_kept_the_empty_form_makes_no_second_article_and_keeps_the_words():
    client = signed_in(AUTHOR)
    empty = client.get(ADD, follow=True).redirect_chain[-1][0]
    form = filled_in(client.get(empty), "article_form", "_draft", **NEW)
    client.post(empty, form)

    again = client.post(empty, form | {"title": "Another", "slug": "another"})

    made = Article.objects.get()
    assert f'<a href="{form_of(made)}">Open what you saved</a>' in again.text
    assert "Another</textarea>" in again.text
    assert made.draft().title == "Twice"


def test_two_empty_forms_make_two_articles():
    client = signed_in(AUTHOR)
    for slug in ("one", "two"):
        empty = client.get(ADD, follow=True).redirect_chain[-1][0]
        form = filled_in(client.get(empty), "article_form", "_draft", **NEW | {"slug": slug})
        client.post(empty, form)

    assert Article.objects.count() == 2


def test_an_empty_form_keeps_what_its_address_says():
    page = signed_in(PUBLISHER).get(f"{ADD}?title=Given", follow=True)

    assert "Given</textarea>" in page.text


def test_an_address_that_is_taken_names_and_links_the_article_that_has_it():
    client, taken = signed_in(AUTHOR), article(slug="twice", live_from=None)
    form = filled_in(client.get(ADD, follow=True), "article_form", "_draft", **NEW)

    answer = client.post(ADD, form)

    [error] = answer.context["adminform"].form.errors["slug"]
    assert f'href="{form_of(taken)}"' in error
    assert "Your text is still in this form" in error
