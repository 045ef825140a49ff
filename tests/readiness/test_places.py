"""Rows of a draft change places in one save, and nobody undoes what a colleague saved."""

import pytest
from django.core import serializers
from django.urls import reverse
from django.utils import timezone

from readiness import publishing
from readiness.models import Dimension, Option, Question, QuestionSet, Result, Rule
from tests.builders import question_set, signed_in, topic
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def published():
    return question_set()


@pytest.fixture
def draft(published):
    return publishing.draft()


@pytest.fixture
def publisher(published):
    return signed_in("Publisher")


def page_of(row):
    return reverse(f"admin:readiness_{row._meta.model_name}_change", args=[row.pk])


def form_of(somebody, row, **changes):
    """What the page of that row sends when it is saved."""
    shown = somebody.get(page_of(row))
    return filled_in(shown, f"{row._meta.model_name}_form", "_save", **changes)


def save(somebody, row, form):
    answer = somebody.post(page_of(row), form)
    assert answer.status_code == 302, answer.context["errors"]


def rules(draft):
    return list(draft.rules.order_by("position").values_list("pk", flat=True))


def letters(draft):
    return dict(draft.dimensions.values_list("letter", "pk"))


def questions(dimension):
    return list(dimension.questions.order_by("position").values_list("pk", flat=True))


def positions(rows):
    return list(rows.order_by("position").values_list("position", flat=True))


def new_rule(form, **fields):
    """One more row than the page showed."""
    number = int(form["rules-TOTAL_FORMS"][0])
    row = {f"rules-{number}-{name}": [str(value)] for name, value in fields.items()}
    return form | row | {"rules-TOTAL_FORMS": [str(number + 1)]}


# In one save


def test_two_rules_change_places(publisher, draft):
    before = rules(draft)

    save(
        publisher,
        draft,
        form_of(publisher, draft, **{"rules-0-position": 2, "rules-1-position": 1}),
    )

    assert rules(draft) == [before[1], before[0], *before[2:]]
    assert positions(draft.rules) == list(range(1, len(before) + 1))


@pytest.mark.parametrize(
    ("row", "place", "expected"),
    [
        (0, 3, [1, 2, 0, 3, 4, 5]),
        (0, 99, [1, 2, 3, 4, 5, 0]),
        (5, 1, [5, 0, 1, 2, 3, 4]),
        (3, 0, [3, 0, 1, 2, 4, 5]),
    ],
)
def test_a_rule_goes_where_its_number_says_and_those_behind_move_on(
    publisher, draft, row, place, expected
):
    before = rules(draft)

    save(publisher, draft, form_of(publisher, draft, **{f"rules-{row}-position": place}))

    assert rules(draft) == [before[number] for number in expected]
    assert positions(draft.rules) == [1, 2, 3, 4, 5, 6]


def test_two_dimensions_change_letters_and_small_ones_become_large(publisher, draft):
    before = letters(draft)

    save(
        publisher,
        draft,
        form_of(publisher, draft, **{"dimensions-0-letter": "b", "dimensions-1-letter": "a"}),
    )

    assert letters(draft) == before | {"A": before["B"], "B": before["A"]}


def test_two_questions_change_places(publisher, draft):
    dimension = draft.dimensions.get(letter="A")
    before = questions(dimension)

    form = form_of(publisher, dimension, **{"questions-0-position": 2, "questions-1-position": 1})
    save(publisher, dimension, form)

    assert questions(dimension) == [before[1], before[0], *before[2:]]
    assert positions(dimension.questions) == list(range(1, len(before) + 1))


def test_a_question_that_only_moves_on_keeps_what_it_says(publisher, draft):
    dimension = draft.dimensions.get(letter="A")
    before = questions(dimension)
    last = len(before) - 1

    save(publisher, dimension, form_of(publisher, dimension, **{f"questions-{last}-position": 1}))

    assert questions(dimension) == [before[-1], *before[:-1]]
    assert positions(dimension.questions) == [1, 2, 3]
    assert Question.objects.get(pk=before[0]).options.count() == 4


def test_a_rule_is_deleted_and_another_put_in_its_place(publisher, draft):
    before = rules(draft)
    result = draft.results.first()
    form = form_of(publisher, draft, **{"rules-0-DELETE": "on"})

    save(
        publisher,
        draft,
        new_rule(form, position=1, result=result.pk, words="Anew", min_total=99),
    )

    after = rules(draft)
    assert after[1:] == before[1:]
    assert Rule.objects.get(pk=after[0]).words == "Anew"
    assert positions(draft.rules) == list(range(1, len(before) + 1))


def test_a_new_rule_without_a_number_goes_to_the_end(publisher, draft):
    before = rules(draft)
    form = new_rule(
        form_of(publisher, draft), position="", result=draft.results.first().pk, words="Last"
    )

    save(publisher, draft, form)

    assert rules(draft)[:-1] == before
    assert draft.rules.order_by("position").last().words == "Last"


def test_a_dimension_is_deleted_and_another_takes_its_letter(publisher, draft):
    before = letters(draft)
    form = form_of(publisher, draft, **{"dimensions-0-DELETE": "on"})
    number = int(form["dimensions-TOTAL_FORMS"][0])
    form |= {
        f"dimensions-{number}-letter": ["A"],
        f"dimensions-{number}-name": ["Anew"],
        "dimensions-TOTAL_FORMS": [str(number + 1)],
    }

    save(publisher, draft, form)

    assert letters(draft).keys() == before.keys()
    assert draft.dimensions.get(letter="A").name == "Anew"


def test_a_deleted_question_leaves_no_gap(publisher, draft):
    dimension = draft.dimensions.get(letter="A")
    before = questions(dimension)

    save(publisher, dimension, form_of(publisher, dimension, **{"questions-0-DELETE": "on"}))

    assert questions(dimension) == before[1:]
    assert positions(dimension.questions) == list(range(1, len(before)))


@pytest.mark.parametrize("letter", ["1", "ß", "ﬆ", "é", "\ue000", "-"])
def test_a_letter_is_one_of_the_alphabet(publisher, draft, letter):
    before = letters(draft)

    answer = publisher.post(
        page_of(draft), form_of(publisher, draft, **{"dimensions-0-letter": letter})
    )

    assert "One letter from A to Z, please." in answer.text
    assert letters(draft) == before


def test_two_dimensions_with_one_letter_are_refused(publisher, draft):
    before = letters(draft)

    answer = publisher.post(
        page_of(draft), form_of(publisher, draft, **{"dimensions-0-letter": "b"})
    )

    assert "Please correct the duplicate" in answer.text
    assert letters(draft) == before


@pytest.mark.parametrize("nonsense", ["-1", "one", "1.5", "99999999999999999999", "\x00"])
def test_a_place_that_is_no_number_is_refused(publisher, draft, nonsense):
    before = rules(draft)

    answer = publisher.post(
        page_of(draft), form_of(publisher, draft, **{"rules-0-position": nonsense})
    )

    assert answer.status_code == 200
    assert rules(draft) == before


def test_a_form_that_keeps_rows_back_is_refused(publisher, draft):
    form = form_of(publisher, draft)
    form |= {"rules-TOTAL_FORMS": ["1"], "rules-INITIAL_FORMS": ["1"]}
    before = rules(draft)

    answer = publisher.post(page_of(draft), form | {"rules-0-position": ["3"]})

    assert "Reload the page and save again" in answer.text
    assert rules(draft) == before


# Two at once


def test_of_two_who_save_the_same_draft_the_second_is_told(publisher, draft):
    other = signed_in("Publisher")
    mine = form_of(publisher, draft, **{"rules-0-words": "Mine"})
    theirs = form_of(other, draft, **{"rules-0-words": "Theirs", "rules-1-position": 1})

    save(other, draft, theirs)
    answer = publisher.post(page_of(draft), mine)

    assert "A colleague changed or published this while you had the page open." in answer.text
    assert "Mine" in answer.text
    assert not draft.rules.filter(words="Mine").exists()
    assert draft.rules.filter(words="Theirs").exists()
    again = filled_in(answer, "questionset_form", "_save")
    assert publisher.post(page_of(draft), again).status_code == 200, "saving blindly is no answer"
    save(publisher, draft, form_of(publisher, draft, **{"rules-0-words": "Mine"}))


@pytest.mark.parametrize("kind", ["dimension", "question"])
def test_of_two_who_save_the_same_part_the_second_is_told(publisher, draft, kind):
    question = draft.questions["A1"]
    row, field = {
        "dimension": (question.dimension, "questions-0-text"),
        "question": (question, "options-0-text"),
    }[kind]
    mine = form_of(publisher, row, **{field: "Mine"})

    save(publisher, row, form_of(publisher, row, **{field: "Theirs"}))
    answer = publisher.post(page_of(row), mine)

    assert "Nothing was overwritten" in answer.text
    assert "Mine" in answer.text


def test_whoever_writes_while_the_draft_is_published_is_told(publisher, draft):
    question = draft.questions["A1"]
    mine = form_of(publisher, question, text="Mine?")

    publisher.post(reverse("admin:readiness_questionset_publish", args=[draft.pk]))
    answer = publisher.post(page_of(question), mine)

    assert QuestionSet.objects.get(pk=draft.pk).is_published
    assert "A colleague changed or published this" in answer.text
    assert not Question.objects.filter(text="Mine?").exists()


def test_who_edits_another_question_of_the_draft_is_in_nobodys_way(publisher, draft):
    first, second = draft.questions["A1"], draft.questions["B1"]
    mine = form_of(publisher, first, text="Mine?")

    save(publisher, second, form_of(publisher, second, text="Theirs?"))
    save(publisher, first, mine)

    assert Question.objects.filter(text__in=["Mine?", "Theirs?"]).count() == 2


def test_a_rule_that_a_colleague_deleted_does_not_come_back(publisher, draft):
    mine = form_of(publisher, draft, **{"rules-0-words": "Mine"})
    draft.rules.order_by("position").first().delete()
    before = rules(draft)

    answer = publisher.post(page_of(draft), mine)

    assert "Nothing was overwritten" in answer.text
    assert rules(draft) == before


# Of a published set


def everything(of):
    """All that is frozen, as it stands."""
    rows = [
        *of.dimensions.all(),
        *Question.objects.filter(dimension__question_set=of),
        *Option.objects.filter(question__dimension__question_set=of),
        *of.results.all(),
        *of.rules.all(),
    ]
    fields = [
        field.name
        for model in (Dimension, Question, Option, Result, Rule)
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.name != "topics"
    ]
    return serializers.serialize("json", rows, fields=fields)


def test_of_a_published_dimension_the_topics_change_and_nothing_else(publisher, published):
    dimension = published.dimensions.get(letter="A")
    docs, before = topic(), everything(published)
    form = form_of(publisher, dimension, topics=docs.pk)
    assert {"topics", "stamp"} < form.keys()
    assert form.keys().isdisjoint({"name", "intro", "questions-0-text"})
    asked = questions(dimension)

    save(
        publisher,
        dimension,
        form
        | {
            "name": "Another",
            "letter": "Z",
            "intro": "Another",
            "question_set": "1",
            "questions-TOTAL_FORMS": str(len(asked) + 1),
            "questions-INITIAL_FORMS": str(len(asked)),
            "questions-0-id": str(asked[0]),
            "questions-0-dimension": str(dimension.pk),
            "questions-0-position": "9",
            "questions-0-weight": "1",
            "questions-0-text": "Another",
            "questions-1-id": str(asked[1]),
            "questions-1-DELETE": "on",
            f"questions-{len(asked)}-text": "Added",
            f"questions-{len(asked)}-position": "3",
            f"questions-{len(asked)}-weight": "1",
        },
    )

    assert list(dimension.topics.all()) == [docs]
    assert everything(published) == before


def test_of_a_published_question_no_option_is_added_changed_or_deleted(publisher, published):
    question = published.questions["A1"]
    before = everything(published)
    options = list(question.options.all())

    save(
        publisher,
        question,
        form_of(publisher, question)
        | {
            "options-TOTAL_FORMS": "5",
            "options-INITIAL_FORMS": "4",
            "options-0-id": str(options[0].pk),
            "options-0-question": str(question.pk),
            "options-0-value": "0",
            "options-0-text": "Another",
            "options-1-id": str(options[1].pk),
            "options-1-DELETE": "on",
            "options-4-value": "1",
            "options-4-text": "Added",
        },
    )

    assert everything(published) == before


def test_topics_change_where_the_questions_of_a_published_dimension_have_gaps(publisher, draft):
    dimension = draft.dimensions.get(letter="A")
    last = dimension.questions.order_by("position").last()
    last.position = 7
    last.save()
    publishing.publish(draft, at=timezone.now())
    docs, before = topic(), everything(draft)

    save(publisher, dimension, form_of(publisher, dimension, topics=docs.pk))

    assert list(dimension.topics.all()) == [docs]
    assert everything(draft) == before


@pytest.mark.parametrize("part", ["dimension", "question"])
def test_a_published_part_is_not_deleted(publisher, published, part):
    question = published.questions["A1"]
    row = question if part == "question" else question.dimension
    before = everything(published)

    delete = reverse(f"admin:readiness_{part}_delete", args=[row.pk])
    many = reverse(f"admin:readiness_{part}_changelist")

    assert publisher.post(delete, {"post": "yes"}).status_code == 403
    publisher.post(many, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert everything(published) == before


def test_rows_of_a_published_set_are_neither_added_changed_nor_deleted(publisher, published, draft):
    before = everything(published)
    form = form_of(publisher, draft)  # the same page, while it could be edited

    assert publisher.post(page_of(published), form).status_code == 403
    assert everything(published) == before


def test_no_question_is_added_to_a_published_dimension(publisher, published):
    dimension = published.dimensions.get(letter="A")
    before = everything(published)
    add = reverse("admin:readiness_question_add")
    form = filled_in(publisher.get(add, follow=True), "question_form", "_save")

    answer = publisher.post(
        add,
        form
        | {"dimension": dimension.pk, "position": 9, "text": "Added", "weight": 1}
        | {"holds_back": "H", "remedy": "R"},
    )

    assert "Select a valid choice" in answer.text
    assert everything(published) == before
