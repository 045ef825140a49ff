"""Rows of a draft change places in one save, and nobody undoes what a colleague saved."""

from contextlib import contextmanager

import lxml.html
import pytest
from django.core import serializers
from django.db import connection
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


def form_of(someone, row, **changes):
    """What the page of that row sends when it is saved."""
    shown = someone.get(page_of(row))
    return filled_in(shown, f"{row._meta.model_name}_form", "_save", **changes)


def save(someone, row, form):
    answer = someone.post(page_of(row), form)
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
        new_rule(form, position=1, result=result.pk, explanation="Anew", min_total=99),
    )

    after = rules(draft)
    assert after[1:] == before[1:]
    assert Rule.objects.get(pk=after[0]).explanation == "Anew"
    assert positions(draft.rules) == list(range(1, len(before) + 1))


def test_a_new_rule_without_a_number_goes_to_the_end(publisher, draft):
    before = rules(draft)
    form = new_rule(
        form_of(publisher, draft), position="", result=draft.results.first().pk, explanation="Last"
    )

    save(publisher, draft, form)

    assert rules(draft)[:-1] == before
    assert draft.rules.order_by("position").last().explanation == "Last"


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

    assert "Enter one letter from A to Z." in answer.text
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


def test_rows_that_a_form_does_not_send_keep_their_order(publisher, draft):
    form = form_of(publisher, draft)
    form |= {"rules-TOTAL_FORMS": ["1"], "rules-INITIAL_FORMS": ["1"]}
    first, second, *others = rules(draft)

    save(publisher, draft, form | {"rules-0-position": ["2"]})

    assert rules(draft) == [second, first, *others]


# Two at once


@pytest.fixture
def other(published):
    return signed_in("Publisher", name="Lone")


def again(someone, row, answer, **changes):
    """The page that came back is saved."""
    save(someone, row, filled_in(answer, f"{row._meta.model_name}_form", "_save", **changes))


def test_of_two_who_save_the_same_draft_both_have_their_way(publisher, other, draft):
    first, second, *others = rules(draft)
    mine = form_of(publisher, draft, **{"rules-0-explanation": "Mine", "note": "Mine"})
    theirs = form_of(other, draft, **{"rules-1-explanation": "Theirs", "rules-1-position": 1})

    save(other, draft, theirs)
    save(publisher, draft, mine)

    assert rules(draft) == [second, first, *others]
    assert [rule.explanation for rule in draft.rules.order_by("position")[:2]] == ["Theirs", "Mine"]
    assert positions(draft.rules) == list(range(1, len(others) + 3))


PARTS = {
    "set": ("rules-0-explanation", lambda draft: draft),
    "dimension": ("questions-0-text", lambda draft: draft.questions["A1"].dimension),
    "question": ("options-0-text", lambda draft: draft.questions["A1"]),
    "name of a dimension": ("name", lambda draft: draft.questions["A1"].dimension),
    "text of a question": ("text", lambda draft: draft.questions["A1"]),
}


@pytest.mark.parametrize("part", PARTS)
def test_of_two_who_write_the_same_the_second_decides(publisher, other, draft, part):
    field, find = PARTS[part]
    row = find(QuestionSet.objects.for_asking().get(pk=draft.pk))
    mine = form_of(publisher, row, **{field: "Mine"})
    save(other, row, form_of(other, row, **{field: "Theirs"}))

    refused = publisher.post(page_of(row), mine)

    assert "Lone changed this" in refused.text
    assert "Keep mine: “Mine”" in refused.text and "Take theirs: “Theirs”" in refused.text
    again(publisher, row, refused, **{f"{field}-decide": "theirs"})
    assert form_of(publisher, row)[field][0].strip() == "Theirs"


def test_a_rule_that_a_colleague_added_keeps_its_place(publisher, other, draft):
    mine = form_of(publisher, draft, **{"rules-0-explanation": "Mine"})
    before = rules(draft)
    result = draft.results.first().pk
    theirs = form_of(other, draft)
    save(
        other,
        draft,
        new_rule(theirs, position=1, result=result, explanation="Added", below_total=5),
    )

    save(publisher, draft, mine)

    added, *others = rules(draft)
    assert others == before
    assert draft.rules.get(pk=added).explanation == "Added"
    assert draft.rules.get(pk=others[0]).explanation == "Mine"
    assert positions(draft.rules) == list(range(1, len(before) + 2))


def test_a_row_can_be_moved_before_one_that_a_colleague_added(publisher, other, draft):
    mine = form_of(publisher, draft, **{"rules-1-position": 1})
    first, second, *others = rules(draft)
    result = draft.results.first().pk
    theirs = form_of(other, draft)
    save(other, draft, new_rule(theirs, position=99, result=result, explanation="Added"))

    save(publisher, draft, mine)

    assert rules(draft)[:-1] == [second, first, *others]
    assert positions(draft.rules) == list(range(1, len(others) + 4))


def test_a_letter_that_a_colleague_has_given_by_now_is_not_given_again(publisher, draft):
    last = Dimension.objects.filter(question_set=draft).order_by("letter").last()
    number = draft.dimensions.count() - 1
    mine = form_of(publisher, draft, **{f"dimensions-{number}-letter": "X"})
    Dimension.objects.create(question_set=draft, letter="X", name="Added")

    refused = publisher.post(page_of(draft), mine)

    assert "A colleague added a row here. Choose another." in refused.text
    again(publisher, draft, refused, **{f"dimensions-{number}-letter": "Y"})
    assert letters(draft)["Y"] == last.pk


@pytest.mark.parametrize("part", PARTS)
def test_what_was_written_while_the_draft_was_published_is_shown(publisher, draft, part):
    field, find = PARTS[part]
    row = find(QuestionSet.objects.for_asking().get(pk=draft.pk))
    mine = form_of(publisher, row, **{field: "Mine?"})

    publisher.post(reverse("admin:readiness_questionset_publish", args=[draft.pk]))
    before = everything(draft)
    answer = publisher.post(page_of(row), mine)

    assert answer.status_code == 409
    assert "A colleague published" in answer.text
    [shown] = lxml.html.fromstring(answer.text).xpath("//section[not(ancestor::details)]")
    assert "Mine?" in shown.text_content()
    assert everything(draft) == before


def test_so_it_is_when_it_is_published_at_that_very_moment(publisher, draft):
    question = draft.questions["A1"]
    mine = form_of(publisher, question, text="Mine?")

    with published_before_it_is_held(draft):
        answer = publisher.post(page_of(question), mine)

    assert answer.status_code == 409
    assert "Mine?" in answer.text


@contextmanager
def published_before_it_is_held(draft):
    """After the page's rights were asked, before the set is locked."""
    is_done = False

    def publish_first(execute, sql, params, many, context):
        nonlocal is_done
        if not is_done and "FOR UPDATE" in sql and "readiness_questionset" in sql:
            is_done = True
            publishing.publish(draft, at=timezone.now())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(publish_first):
        yield
    assert is_done


def test_an_option_that_nobody_filled_in_is_none(publisher, other, draft):
    question = draft.questions["A1"]
    question.options.filter(value__in=[1, 2]).delete()
    mine = form_of(publisher, question, text="Mine?")
    save(other, question, form_of(other, question, **{"options-2-text": "One"}))

    save(publisher, question, mine)

    assert list(question.options.values_list("value", flat=True)) == [0, 1, 3]


def test_who_edits_another_question_of_the_draft_is_in_nobodys_way(publisher, draft):
    first, second = draft.questions["A1"], draft.questions["B1"]
    mine = form_of(publisher, first, text="Mine?")

    save(publisher, second, form_of(publisher, second, text="Theirs?"))
    save(publisher, first, mine)

    assert Question.objects.filter(text__in=["Mine?", "Theirs?"]).count() == 2


def test_a_rule_that_a_colleague_deleted_does_not_come_back(publisher, draft):
    mine = form_of(publisher, draft, note="Mine")
    draft.rules.order_by("position").first().delete()
    before = rules(draft)

    save(publisher, draft, mine)

    assert rules(draft) == before


def test_a_rule_that_a_colleague_deleted_is_added_again_by_whoever_changed_it(publisher, draft):
    mine = form_of(publisher, draft, **{"rules-0-explanation": "Mine"})
    draft.rules.order_by("position").first().delete()
    before = rules(draft)

    refused = publisher.post(page_of(draft), mine)

    assert "A colleague deleted this" in refused.text
    assert rules(draft) == before
    again(publisher, draft, refused)
    assert draft.rules.filter(explanation="Mine").exists()
    assert positions(draft.rules) == list(range(1, len(before) + 2))


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
    assert {"topics", "seen"} < form.keys()
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

    assert publisher.post(page_of(published), form).status_code == 409
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
