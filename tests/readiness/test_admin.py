"""Questions are changed by whoever may: a draft is edited and published, and then it is frozen."""

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Topic
from readiness import publishing, taking
from readiness.models import Option, Question, QuestionSet
from tests.builders import topic, user
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

SETS = reverse("admin:readiness_questionset_changelist")
DRAFT = reverse("admin:readiness_questionset_draft")


@pytest.fixture(autouse=True)
def published(question_set):
    return question_set


@pytest.fixture
def publisher(client):
    client.force_login(user(role="Publisher"))
    return client


def page_of(row):
    return reverse(f"admin:readiness_{row._meta.model_name}_change", args=[row.pk])


def test_a_draft_is_made_edited_and_published(publisher, published):
    assert "New draft" in publisher.get(SETS).text

    made = publisher.post(DRAFT, follow=True)
    draft = QuestionSet.objects.get(number=2)
    form = filled_in(made, "questionset_form", "_save", note="Milder", **{"rules-3-min_total": 70})
    assert publisher.post(page_of(draft), form).status_code == 302
    question = Question.objects.get(dimension__question_set=draft, weight=13)
    form = filled_in(publisher.get(page_of(question)), "question_form", "_save", text="Who?")
    assert publisher.post(page_of(question), form).status_code == 302
    answer = publisher.post(
        reverse("admin:readiness_questionset_publish", args=[draft.pk]), follow=True
    )

    assert "Published. New assessments" in answer.text
    current = QuestionSet.objects.current()
    assert current == draft
    assert current.note == "Milder"
    assert current.questions["A1"].text == "Who?"
    assert current.rubric().conditions[3].min_total == 70
    assert published.questions["A1"].text != "Who?"


def test_what_keeps_a_draft_from_being_published_is_said(publisher):
    draft = publishing.draft()
    Question.objects.filter(dimension__question_set=draft, weight=13).update(weight=12)

    answer = publisher.post(
        reverse("admin:readiness_questionset_publish", args=[draft.pk]), follow=True
    )

    assert "The weights add up to 99; they must add up to 100." in answer.text
    assert not QuestionSet.objects.get(pk=draft.pk).is_published


def test_a_published_set_is_read_only(publisher, published):
    page = publisher.get(page_of(published))

    assert page.status_code == 200
    assert 'name="_save"' not in page.text
    assert 'name="dimensions-0-name"' not in page.text
    assert publisher.post(page_of(published), {"note": "Another"}).status_code == 403
    delete = reverse("admin:readiness_questionset_delete", args=[published.pk])
    assert publisher.post(delete, {"post": "yes"}).status_code == 403


def test_a_draft_can_be_thrown_away(publisher):
    draft = publishing.draft()

    delete = reverse("admin:readiness_questionset_delete", args=[draft.pk])

    assert publisher.post(delete, {"post": "yes"}).status_code == 302
    assert not QuestionSet.objects.filter(pk=draft.pk).exists()


def test_of_a_published_question_the_topics_change_and_nothing_else(publisher, published):
    question = published.questions["A1"]
    docs = topic()
    form = filled_in(publisher.get(page_of(question)), "question_form", "_save", topics=docs.pk)

    answer = publisher.post(
        page_of(question), form | {"text": "Who?", "weight": "99", "options-0-text": "Another"}
    )

    assert answer.status_code == 302
    assert list(question.topics.all()) == [docs]
    assert Question.objects.get(pk=question.pk).text == question.text
    assert not Option.objects.filter(text="Another").exists()
    assert Topic.objects.count() == 1


def test_a_rule_is_offered_what_belongs_to_its_own_version(publisher, published):
    draft = publishing.draft()

    page = publisher.get(page_of(draft)).context["inline_admin_formsets"][2].formset

    for form in [*page.forms, page.empty_form]:
        assert {one.question_set_id for one in form.fields["result"].queryset} == {draft.pk}
        assert form.fields["all_zero"].queryset.count() == 9


@pytest.mark.parametrize("role", ["Author", "Sales"])
def test_others_neither_make_nor_publish_a_draft(client, role):
    client.force_login(user(role=role))
    draft = publishing.draft()

    assert client.post(DRAFT).status_code == 403
    publish = reverse("admin:readiness_questionset_publish", args=[draft.pk])
    assert client.post(publish).status_code == 403
    assert client.get(SETS).status_code == 403


def test_a_draft_is_made_and_published_by_a_form_only(publisher):
    draft = publishing.draft()

    assert publisher.get(DRAFT).status_code == 405
    publish = reverse("admin:readiness_questionset_publish", args=[draft.pk])
    assert publisher.get(publish).status_code == 405


def test_the_list_says_how_many_finished_each_version(publisher, published):
    assessment, _ = taking.begin(published)
    taking.save(assessment, answers=dict.fromkeys(published.questions, 1))
    taking.finish(assessment)
    publishing.publish(publishing.draft(), at=timezone.now())

    rows = publisher.get(SETS).context["cl"].result_list

    assert [(row.number, row.assessments.finished().count()) for row in rows] == [(2, 0), (1, 1)]
