"""What sales see of readiness over several leads, and over time."""

from itertools import product

import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leads import score
from leads.admin.leads import LeadAdmin
from leads.intake import receiving
from leads.models import Inquiry, Lead, SpamMark
from readiness import publishing, taking
from readiness.models import Assessment, Dimension, QuestionSet, Rule
from tests import builders

pytestmark = pytest.mark.django_db

LEADS = reverse("admin:leads_lead_changelist")
READINESS_COLUMN = str(LeadAdmin.list_display.index("latest_result") + 1)  # as addresses count
# The same answer to each, but for those named.
ANSWERS = {
    "ready": dict.fromkeys("ABC", 3),
    "pilot": dict.fromkeys("ABC", 2),
    "foundations": dict.fromkeys("ABC", 1),
    "strong but foundations": {"A": 0, "B": 3, "C": 3},
    "unknown": {"A": None, "B": 3, "C": 3},
    "not_yet": dict.fromkeys("ABC", 0),
}


@pytest.fixture(autouse=True)
def published(question_set):
    return question_set


@pytest.fixture
def sales(client):
    client.force_login(builders.user(role="Sales"))
    return client


def take(answers):
    questions = QuestionSet.objects.current()
    assessment, key = taking.begin(questions)
    taking.save(assessment, answers={key: answers[key[0]] for key in questions.questions})
    taking.finish(assessment)
    return taking.result_key(key)


def receive(name="Ada", answers=None, **fields):
    words = {"name": name, "email": f"{name.replace(' ', '-')}@firm.example", "message": "Hi."}
    key = take(answers) if answers else ""
    return receiving.receive(Inquiry(**words | fields), assessment=key)


def names(client, order):
    rows = client.get(LEADS, {"o": order}).context["cl"].result_list
    return [lead.contact.name for lead in rows]


def test_the_list_sorts_by_result_and_then_by_total_and_none_come_last(sales):
    for name, answers in reversed(ANSWERS.items()):
        receive(name, answers)
    receive("without one")

    assert names(sales, f"-{READINESS_COLUMN}") == [
        "ready", "pilot", "strong but foundations", "foundations", "unknown", "not_yet",
        "without one",
    ]  # fmt: skip
    assert names(sales, READINESS_COLUMN) == [
        "not_yet", "unknown", "foundations", "strong but foundations", "pilot", "ready",
        "without one",
    ]  # fmt: skip


def publish_with_new_results():
    draft = publishing.draft()
    for result in draft.results.all():
        result.key = f"new-{result.pk}"
        result.save()
    publishing.publish(draft, at=timezone.now())


def test_a_result_of_a_later_version_is_sorted_by_its_total(sales):
    receive("pilot", ANSWERS["pilot"])
    receive("foundations", ANSWERS["foundations"])
    publish_with_new_results()
    receive("new", {"A": 3, "B": 0, "C": 2})

    assert names(sales, f"-{READINESS_COLUMN}") == ["pilot", "new", "foundations"]


TOTALS = ["100", "75", "74.9", "50", "49.9", "25", "24.9", "0"]
COUNTS_AS = ["ready", "ready", "pilot", "pilot", "foundations", "foundations", "not_yet", "not_yet"]


def receive_with(rule, total):
    """From someone new, with an assessment that came to this result with that total."""
    assessment, key = taking.begin(rule.question_set)
    Assessment.objects.filter(pk=assessment.pk).update(
        rule=rule, total=total, finished_at=timezone.now()
    )
    words = {"name": "Ada", "email": f"ada-{key}@firm.example", "message": "Hi."}
    return receiving.receive(Inquiry(**words), assessment=taking.result_key(key)).lead


def shown(client, order):
    """Of each lead in the order of the list, the points and the total that it shows for it."""
    rows = client.get(LEADS, {"o": order}).context["cl"].result_list
    known = [lead.known() for lead in rows]
    lines = [line for one in known for line in score.score(one).lines if line.label == "Result"]
    return [(line.points, one.readiness.total) for line, one in zip(lines, known, strict=True)]


def test_the_order_of_the_list_is_that_of_what_it_shows(sales):
    publish_with_new_results()  # each result that the score knows, and as many that it does not
    rules = Rule.objects.filter(question_set__published_at__isnull=False)
    for rule, total in product(rules, TOTALS):
        receive_with(rule, total)

    falling = shown(sales, f"-{READINESS_COLUMN}")
    rising = shown(sales, READINESS_COLUMN)

    assert len(falling) == len(rules) * len(TOTALS)
    assert {points for points, _ in falling} == {one.points for one in score.RANKS}
    assert falling == sorted(falling, reverse=True)
    assert rising == sorted(rising)


@pytest.mark.parametrize(("total", "counts_as"), list(zip(TOTALS, COUNTS_AS, strict=True)))
def test_a_result_of_a_later_version_counts_by_its_total(total, counts_as):
    publish_with_new_results()
    lead = receive_with(Rule.objects.latest("pk"), total)

    known = Lead.objects.with_inquiries().with_readiness().get(pk=lead.pk).known()

    assert score.RANKS[known.readiness.rank].key == counts_as


def test_what_came_with_spam_counts_nowhere(sales):
    receive("Ada", ANSWERS["not_yet"])
    latest = receive("Ada", ANSWERS["ready"], message="Buy links.")
    receive("Grace", ANSWERS["pilot"])
    SpamMark.objects.create(inquiry=latest, by=builders.user(), at=timezone.now())

    page = lxml.html.fromstring(sales.get(LEADS, {"o": f"-{READINESS_COLUMN}"}).content)
    results = page.xpath("//td[contains(@class, 'field-latest_result')]")
    lead = sales.get(reverse("admin:leads_lead_change", args=[latest.lead_id])).text

    assert [cell.text_content() for cell in results] == ["Ready for a pilot 67", "Not yet 0"]
    assert [one.contact.name for one in Lead.objects.assessed_as("not_yet")] == ["Ada"]
    assert not Lead.objects.assessed_as("ready").exists()
    assert "Not yet, 0 of 100." in lead
    assert "Ready" not in lxml.html.fromstring(lead).xpath("string(//table[@class='steps'])")


def test_the_list_shows_the_latest_result_and_the_score(sales):
    receive("Ada", ANSWERS["not_yet"])
    receive("Ada", ANSWERS["ready"], message="Again.")

    page = lxml.html.fromstring(sales.get(LEADS).content)
    [shown] = page.xpath("//td[contains(@class, 'field-latest_result')]")
    [score] = page.xpath("//td[contains(@class, 'field-points')]")
    assert shown.text_content().split() == ["Ready", "100"]
    assert shown.xpath(".//span/@class") == ["badge badge--ready"]
    assert score.text_content() == "45"  # address 10, wrote again 5, ready 30


def test_ten_with_assessments_cost_no_more_queries_than_one(sales, django_assert_num_queries):
    receive("Ada", ANSWERS["pilot"])
    sales.get(LEADS)
    with CaptureQueriesContext(connection) as of_one:
        sales.get(LEADS, {"o": READINESS_COLUMN})
    for number in range(9):
        receive(f"Visitor {number}", ANSWERS["pilot"])
        receive(f"Visitor {number}", ANSWERS["ready"], message="Again.")

    with django_assert_num_queries(len(of_one)):
        sales.get(LEADS, {"o": READINESS_COLUMN})


def lead_page(sales):
    lead = Lead.objects.get()
    return lxml.html.fromstring(sales.get(reverse("admin:leads_lead_change", args=[lead.pk])).text)


def rows(page):
    return [
        [" ".join(cell.text_content().split()) for cell in row.xpath("th | td")][1:]
        for row in page.xpath("//table[@class='steps']/tbody/tr")
    ]


def test_the_lead_says_how_its_readiness_moved(sales):
    receive(answers=ANSWERS["foundations"])
    receive(answers=ANSWERS["strong but foundations"], message="Again.")

    assert rows(lead_page(sales)) == [
        ["Version 1", "Foundations first", "65 ▲ +32", "0% ▼ −33", "100% ▲ +67", "100% ▲ +67"],
        ["Version 1", "Foundations first", "33", "33%", "33%", "33%"],
    ]


def test_versions_are_compared_by_email_and_what_was_not_asked_says_so(sales):
    receive(answers=ANSWERS["pilot"])
    draft = publishing.draft()
    Dimension.objects.filter(question_set=draft, letter="C").update(letter="D")
    draft.dimensions.filter(letter="A").update(name="Documents")
    publishing.publish(draft, at=timezone.now())
    receive(answers={"A": 2, "B": 2, "D": 3}, message="Again.")

    page = lead_page(sales)
    latest, earlier = rows(page)
    assert page.xpath("//table[@class='steps']/thead//th/text()")[4:] == [
        "Documents", "How work gets defined", "Structural conditions", "Structural conditions",
    ]  # fmt: skip
    assert latest[0] == "Version 2"
    assert latest[3:] == ["67% = 0", "67% = 0", "not asked", "100%"]
    assert earlier[3:] == ["67%", "67%", "67%", "not asked"]


def test_one_assessment_is_compared_with_nothing(sales):
    receive(answers=ANSWERS["pilot"])

    assert rows(lead_page(sales)) == []


def test_the_lead_shows_each_line_of_its_score_and_that_it_is_a_hint(sales):
    receive(answers=ANSWERS["pilot"], company="Engines")

    page = lead_page(sales)
    lines = page.xpath("//details[contains(., 'a hint about where to look first')]//tbody/tr")
    said = [[cell.text_content() for cell in line] for line in lines]
    assert "44 of 100: a hint" in page.text_content()
    assert said[0] == ["Fit: Company", "10 of 10", "Engines."]
    assert ["Readiness: Result", "24 of 30", "Ready for a pilot, 67 of 100."] in said
    assert said[-1] == ["Spam doubt: Suspected", "0", "Nothing was suspected spam."]
