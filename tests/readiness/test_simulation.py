"""A question set is tried before it is published: what answers come to, and what nobody reaches."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.models import Topic
from readiness import publishing, reports, scoring, simulation
from readiness.models import NOT_SURE, Dimension, Option, Question, QuestionSet, Result, Rule
from readiness.reachability import VALUES
from readiness.wording import share_text
from tests.builders import article, question_set, signed_in, topic
from tests.readiness.test_scoring import FIRST, KEYS

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    question_set()
    return publishing.draft()


@pytest.fixture
def publisher(db):
    return signed_in("Publisher")


def at(name, row):
    return reverse(f"admin:readiness_questionset_{name}", args=[row.pk])


def text(answer):
    """What is read, in one line."""
    assert answer.status_code == 200
    return " ".join(lxml.html.fromstring(answer.text).text_content().split())


def put_on_top(draft, **condition):
    """A new first rule, to a result of its own."""
    result = Result.objects.create(
        question_set=draft, key="new", name="New one", summary="S", next_step="N", for_sales="F"
    )
    return Rule.objects.create(
        question_set=draft, position=0, result=result, explanation="W", **condition
    )


# What nobody reaches


def test_a_rule_and_a_result_that_nobody_reaches_are_reported_with_the_reason(publisher, draft):
    put_on_top(draft, min_total=60, below_total=60)

    for page in ("simulate", "change"):
        words = text(publisher.get(at(page, draft)))

        assert (
            "No answers reach rule 0 (“New one”): no total is both 60 or more and below 60."
            in words
        )
        assert (
            "Nobody gets the result “New one”: the only rule that leads to it, 0, is never reached."
            in words
        )


def test_a_rule_behind_a_milder_one_names_it(publisher, draft):
    put_on_top(draft, min_total=1)

    words = text(publisher.get(at("simulate", draft)))

    assert "whenever it applies, rule 0 (“New one”) applies as well and comes first." in words
    assert words.count("Never reached") >= 1


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ({"min_total": 101}, "it requires a total of 101, but the highest is 100."),
        ({"below_total": 0}, "it requires a total below 0, which is impossible."),
        ({"min_unsure": 10}, "it requires “Not sure” 10 times, but there are 9 questions."),
        ({"min_unsure": 9, "min_total": 1}, "its conditions contradict each other."),
    ],
)
def test_why_nothing_meets_a_rule_is_said(draft, condition, why):
    put_on_top(draft, **condition)

    [rule, result] = simulation.warnings(QuestionSet.objects.for_asking().get(pk=draft.pk))

    assert rule == f"No answers reach rule 0 (“New one”): {why}"
    assert result.startswith("Nobody gets the result “New one”")


def test_a_result_that_no_rule_leads_to_is_reported(draft):
    put_on_top(draft).delete()

    found = simulation.warnings(QuestionSet.objects.for_asking().get(pk=draft.pk))

    assert found == ["Nobody gets the result “New one”: no rule leads to it."]


def test_a_warning_keeps_nobody_from_publishing_and_is_repeated_then(publisher, draft):
    put_on_top(draft, min_total=101)

    answer = publisher.post(at("publish", draft), follow=True)

    shown = [(one.level_tag, str(one)) for one in answer.context["messages"]]
    assert [level for level, _ in shown] == ["info", "warning", "warning"]
    assert shown[0][1].startswith("Published")
    assert shown[1][1].startswith("No answers reach rule 0 (“New one”)")
    assert shown[2][1].startswith("Nobody gets the result “New one”")
    assert QuestionSet.objects.get(pk=draft.pk).is_published


def test_the_first_questions_give_no_cause_for_a_warning(publisher, draft):
    assert simulation.warnings(QuestionSet.objects.for_asking().get(pk=draft.pk)) == []
    assert "Check before you publish" not in text(publisher.get(at("change", draft)))


# Answers in the address


def test_answers_in_the_address_are_shown(publisher, draft):
    answers = dict(zip(KEYS, ["3", "unsure", "0", "1", "2", "3", "3", "0", "1"], strict=True))

    page = publisher.get(at("simulate", draft), answers)

    form = lxml.html.fromstring(page.text).xpath("//form[@class='answers']")[0]
    assert dict(form.form_values()) == answers
    assert not lxml.html.fromstring(page.text).xpath("//ul[@class='messagelist']")


@pytest.mark.parametrize("nonsense", ["4", "-1", "", "two", "None", "1.0", "٣"])
def test_an_unknown_answer_is_reported_and_the_others_stay(publisher, draft, nonsense):
    page = publisher.get(at("simulate", draft), {"A1": nonsense, "A2": "3"})

    assert "A1 has no such answer; 2 is used instead." in text(page)
    assert page.context["simulation"].answers["A1"] == 2
    assert page.context["simulation"].answers["A2"] == 3


def test_an_answer_to_a_question_that_is_gone_is_reported_and_the_others_stay(publisher, draft):
    page = publisher.get(at("simulate", draft), {"Z9": "1", "A7": "2", "<b>": "1", "A2": "3"})

    assert "This set has no question <b>, A7 and Z9, so it was ignored." in text(page)
    assert page.context["simulation"].answers["A2"] == 3


def test_the_simulator_keeps_nothing(publisher, draft):
    publisher.get(at("simulate", draft), {"A1": "3"})

    assert not draft.assessments.exists()
    assert publisher.post(at("simulate", draft), {"A1": "3"}).status_code == 405


# One answer away


@pytest.fixture
def seeded(draft):
    return QuestionSet.objects.for_asking().get(pk=draft.pk)


def test_one_answer_away_agrees_with_scoring(seeded):
    # Not a fixture of each example: nothing is written, and the set is read once.
    @settings(deadline=None, max_examples=60)
    @given(st.lists(st.sampled_from(VALUES), min_size=9, max_size=9))
    def agrees(values):
        answers = dict(zip(KEYS, values, strict=True))
        tried = simulation.Simulation(seeded, answers)
        assert tried.outcome == tried.outcomes[scoring.score(FIRST, answers).rule]
        seen = 0
        for _, asked in tried.steps:
            for one in asked:
                for answer in one.answers:
                    other = answers | {one.question.key: answer.value}
                    profile = scoring.score(FIRST, other)
                    led_to = seeded.ordered_rules[profile.rule].result
                    assert answer.outcome.result == led_to
                    assert answer.is_chosen == (other == answers)
                    query = {key: said for key, [said] in parse_qs(answer.query).items()}
                    assert simulation.read(seeded, query) == (other, [])
                    seen += 1
        assert seen == 9 * 5

    agrees()


def test_one_answer_away_is_a_link_to_those_answers(publisher, draft):
    page = publisher.get(at("simulate", draft), dict.fromkeys(KEYS, "3"))

    links = lxml.html.fromstring(page.text).xpath("//table[@class='away']//td/a")

    assert len(links) == 9 * 5
    chosen = [link for link in links if link.get("aria-current")]
    assert len(chosen) == 9
    [link] = [one for one in links if one.text_content().startswith("A1, " + NOT_SURE)]
    followed = publisher.get(at("simulate", draft) + "?" + urlsplit(link.get("href")).query)
    assert followed.context["simulation"].answers == dict.fromkeys(KEYS, 3) | {"A1": None}


def test_an_example_of_each_rule_leads_to_it(publisher, draft):
    page = publisher.get(at("simulate", draft))

    for trial in page.context["simulation"].trials:
        shown = publisher.get(f"{at('simulate', draft)}?{trial.example}").context["simulation"]
        assert shown.rule == trial.rule


def test_the_presets_answer_every_question_alike(publisher, draft):
    presets = publisher.get(at("simulate", draft)).context["simulation"].presets

    assert [name for name, _, is_chosen in presets if is_chosen] == ["All 2"]
    for (_, query, _), value in zip(presets, [0, 1, 2, 3, None], strict=True):
        shown = publisher.get(f"{at('simulate', draft)}?{query}").context["simulation"]
        assert set(shown.answers.values()) == {value}


def test_shares_are_never_rounded_down_to_nothing_nor_up_to_all():
    words = [share_text(share) for share in (0, 0.0001, 0.1234, 0.9999, 1)]

    assert words == ["0%", "under 0.1%", "12.3%", "over 99.9%", "100%"]


# Drafts as unfinished as they come


def without_everything(draft):
    draft.dimensions.all().delete()
    draft.rules.all().delete()
    draft.results.all().delete()


def without_questions(draft):
    Question.objects.filter(dimension__question_set=draft).delete()


def without_rules(draft):
    draft.rules.all().delete()


def without_results(draft):
    draft.results.all().delete()


def without_options(draft):
    Option.objects.filter(question__dimension__question_set=draft).delete()


def with_an_option_less(draft):
    Option.objects.filter(question__dimension__question_set=draft, value=0).delete()


def with_an_empty_dimension(draft):
    Dimension.objects.create(question_set=draft, letter="Z", name="Nothing yet")


def with_weights_beyond_100(draft):
    Question.objects.filter(dimension__question_set=draft).update(weight=100)


def with_light_weights(draft):
    Question.objects.filter(dimension__question_set=draft).update(weight=1)


def without_a_last_rule(draft):
    draft.rules.order_by("position").last().delete()


def with_a_rule_of_another_version(draft):
    other = QuestionSet.objects.exclude(pk=draft.pk).get()
    rule = put_on_top(draft)
    rule.result = other.results.first()
    rule.save()
    rule.all_zero.set(Question.objects.filter(dimension__question_set=other))


UNFINISHED = [
    without_everything,
    without_questions,
    without_rules,
    without_results,
    without_options,
    with_an_option_less,
    with_an_empty_dimension,
    with_weights_beyond_100,
    with_light_weights,
    without_a_last_rule,
    with_a_rule_of_another_version,
]


@pytest.mark.parametrize("unfinished", UNFINISHED)
def test_an_unfinished_draft_is_shown_and_says_what_is_missing(publisher, draft, unfinished):
    unfinished(draft)

    for page in ("simulate", "preview", "change"):
        for query in ({}, {"A1": "0"}, dict.fromkeys(KEYS, "unsure")):
            words = text(publisher.get(at(page, draft), query))
            assert page == "preview" or "It cannot be published yet" in words
    assert publisher.post(at("publish", draft)).status_code == 302
    assert not QuestionSet.objects.get(pk=draft.pk).is_published


def test_a_draft_that_begins_with_nothing_is_shown(publisher):
    empty = QuestionSet.objects.create(number=99)

    assert "this set has no question" in text(publisher.get(at("simulate", empty)))
    assert "This set has no dimensions yet" in text(publisher.get(at("preview", empty)))
    assert "It cannot be published yet" in text(publisher.get(at("change", empty)))


def test_a_set_too_large_to_count_is_still_tried(publisher, draft):
    for dimension in draft.dimensions.all():
        for position in range(20, 50):
            Question.objects.create(
                dimension=dimension, position=position, text="Q", weight=100 - position
            )

    page = publisher.get(at("simulate", draft))

    assert "This set is too large to count" in text(page)
    assert page.context["simulation"].outcome.result


# Who may look


@pytest.mark.parametrize("page", ["simulate", "preview"])
@pytest.mark.parametrize("state", ["draft", "published"])
def test_publishers_and_administrators_look_and_nobody_else(draft, page, state):
    row = draft if state == "draft" else QuestionSet.objects.current()
    status = {
        role: signed_in(role).get(at(page, row)).status_code
        for role in ("Publisher", "Administrator", "Author", "Sales")
    }

    assert status == {"Publisher": 200, "Administrator": 200, "Author": 403, "Sales": 403}


@pytest.mark.parametrize("page", ["simulate", "preview"])
def test_who_is_not_signed_in_is_asked_to(client, draft, page):
    answer = client.get(at(page, draft))

    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).path == reverse("admin:login")


@pytest.mark.parametrize("page", ["simulate", "preview"])
def test_of_a_set_that_is_not_there_nothing_is_found(publisher, draft, page):
    number = draft.pk
    draft.delete()

    answer = publisher.get(reverse(f"admin:readiness_questionset_{page}", args=[number]))

    assert answer.status_code == 404


# The preview


def test_the_preview_shows_every_step_question_option_and_result(publisher, draft):
    words = text(publisher.get(at("preview", draft)))

    shown = QuestionSet.objects.for_asking().get(pk=draft.pk)
    for dimension in shown.scales:
        assert dimension.name in words
        assert dimension.intro in words
    assert "What you have in mind" in words
    for question in shown.questions.values():
        for said in (question.text, question.holds_back, question.remedy):
            assert said in words
        for option in question.options.all():
            assert option.text in words
    assert words.count(NOT_SURE) >= 9
    for result in shown.results.all():
        for said in (result.name, result.summary, result.next_step):
            assert said in words
        assert result.for_sales not in words
    for rule in shown.ordered_rules:
        assert rule.explanation in words


def test_the_preview_sends_nothing_and_is_for_nobody_else(publisher, draft):
    answer = publisher.get(at("preview", draft))

    page = lxml.html.fromstring(answer.text)
    assert page.xpath("//main//form") == []
    assert page.xpath("//main//button | //main//input[@type='submit']") == []
    assert page.xpath("//form[@method='post'] | //*[@formaction]") == []
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert {"private", "no-store"} <= set(re.split(r",\s*", answer["Cache-Control"]))
    assert publisher.post(at("preview", draft)).status_code == 405
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_the_preview_shows_the_articles_of_each_question(publisher, draft):
    docs = topic()
    written = article(topics=[docs], text={"title": "How to write it down"})
    draft.dimensions.get(letter="A").topics.add(docs)

    page = lxml.html.fromstring(publisher.get(at("preview", draft)).text)

    found = page.xpath(f"//main//a[@href='{written.get_absolute_url()}']")
    assert len(found) == 3, "one for each question of the dimension"


# Topics of dimensions


def test_a_draft_has_the_topics_of_the_set_it_is_made_from():
    published = question_set()
    docs, tests = topic(), topic()
    published.dimensions.get(letter="A").topics.set([docs, tests])
    published.questions["B1"].topics.set([docs])

    draft = publishing.draft()

    assert set(draft.dimensions.get(letter="A").topics.all()) == {docs, tests}
    assert list(draft.dimensions.get(letter="B").topics.all()) == []
    assert list(draft.questions["B1"].topics.all()) == [docs]
    assert set(published.dimensions.get(letter="A").topics.all()) == {docs, tests}


def said(*keys):
    asked = QuestionSet.objects.current().questions
    return [reports.Said(asked[key], NOT_SURE, is_unsure=True) for key in keys]


def read(gaps):
    return [[one.article for one in revisions] for _, revisions in reports.with_articles(gaps)]


def test_articles_come_from_the_questions_topics_or_if_it_has_none_from_its_dimensions():
    published = question_set()
    own, wider = topic(), topic()
    published.questions["A1"].topics.set([own])
    published.dimensions.get(letter="A").topics.set([wider])
    close = article(topics=[own])
    around = article(topics=[wider])

    assert read(said("A1", "A2")) == [[close], [around]]


def test_a_question_with_articles_enough_of_its_own_takes_none_of_its_dimensions():
    published = question_set()
    own, wider = topic(), topic()
    published.questions["A1"].topics.set([own])
    published.dimensions.get(letter="A").topics.set([wider])
    close = {article(topics=[own]), article(topics=[own, wider])}
    around = article(topics=[wider])

    first, second = read(said("A1", "A2"))

    assert set(first) == close
    assert second == [around]


def test_an_article_on_half_of_what_a_question_is_about_is_not_about_it():
    published = question_set()
    docs, apart = topic(), topic()
    published.questions["A1"].topics.set([docs])
    published.questions["A3"].topics.set([docs, apart])
    handover = article(topics=[docs, apart], live_from=-timedelta(days=9))
    for _ in range(3):
        article(topics=[docs])

    first, second = read(said("A1", "A3"))

    assert second == [handover]  # the first could have it too, and has others
    assert len(first) == 2 and handover not in first


def test_no_article_stands_twice_and_drafts_not_at_all():
    published = question_set()
    both = topic(), topic()
    for key in ("A1", "A2"):
        published.questions[key].topics.set(both)
    published.dimensions.get(letter="A").topics.set(both)
    there = [article(topics=both) for _ in range(3)]
    article(topics=both, live_from=None)

    first, second = read(said("A1", "A2"))

    assert len(first) == 2
    assert sorted(one.pk for one in [*first, *second]) == sorted(one.pk for one in there)


def test_articles_take_two_queries_a_gap_at_most(django_assert_max_num_queries):
    published = question_set()
    own = topic()
    published.questions["A1"].topics.set([own])
    for _ in range(5):
        article(topics=[own])
    gaps = said("A1", "B1")

    with django_assert_max_num_queries(4):
        found = reports.with_articles(gaps)

    assert [len(revisions) for _, revisions in found] == [2, 0]
    assert Topic.objects.count() == 1
