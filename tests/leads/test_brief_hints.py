"""What a brief is told, and above all what it is not told: a hint that is wrong costs trust."""

import time
from itertools import product
from string import ascii_uppercase

import pytest

from leads.briefs.hints import (
    NO_FORM,
    NO_NUMBER,
    NO_OUTCOME,
    NO_OWNER,
    findings,
    stored_findings,
)
from leads.briefs.section_text import MAX_IN_A_SECTION, MAX_READ
from leads.briefs.sections import SECTIONS, markdown
from leads.intake import receiving
from leads.models import Brief, Inquiry
from tests.cpu import costs_more

NAMES = [section.name for section in SECTIONS]


def about(section, text, **others):
    """The words complained of in one section of a brief that says nothing else."""
    found = findings(Brief(**{section: text}, **others))
    return [one.phrase for one in found if one.section == section and one.phrase]


def advice(section, text):
    return [one.advice for one in findings(Brief(**{section: text})) if one.section == section]


@pytest.mark.parametrize("section", SECTIONS, ids=NAMES)
def test_the_examples_on_the_page_are_good_lines(section):
    whole = Brief(**{one.name: one.example for one in SECTIONS})

    assert [one for one in findings(whole) if one.section == section.name] == []


def test_a_section_that_says_nothing_is_missed_in_words():
    found = findings(Brief(title="Orders", context="  \n "))

    assert [one.section for one in found] == NAMES
    assert [one.advice for one in found] == [section.missing for section in SECTIONS]


@pytest.mark.parametrize("words", ["none", "None.", "n/a", "No other systems"])
def test_nothing_is_an_answer(words):
    assert advice("interfaces", words) == []


# Words. Each rule of the module finds these:


@pytest.mark.parametrize(
    ("section", "text", "words"),
    [
        ("context", "The report must be fast.", "fast"),
        ("context", "Our import is slow", "is slow"),
        ("acceptance_criteria", "The page is user-friendly and loads", "user-friendly"),
        ("acceptance_criteria", "A scalable queue takes the orders", "scalable"),
        ("context", "We have a lot of orders", "a lot of"),
        ("acceptance_criteria", "It is robust against errors", "robust"),
        ("acceptance_criteria", "The data is secure", "is secure"),
        ("definition_of_done", "Well tested, by best practices", "Well tested"),
        ("definition_of_done", "Well tested, by best practices", "best practices"),
        ("constraints", "A reasonable price", "reasonable"),
        ("constraints", "We need it ASAP", "ASAP"),
        ("constraints", "Start soon", "soon"),
        ("constraints", "Python if possible", "if possible"),
        ("interfaces", "The CRM is called as needed by us", "as needed"),
        ("constraints", "Ideally in Python", "Ideally"),
        ("context", "Orders, invoices, etc. are lost", "etc."),
        ("out_of_scope", "Returns and so on", "and so on"),
        ("out_of_scope", "Returns, refunds, ...", ", ..."),
        ("context", "Sales and/or support", "and/or"),
        ("acceptance_criteria", "It reads formats such as CSV", "such as"),
        ("constraints", "Budget: TBD", "TBD"),
        ("constraints", "The date is still to be confirmed", "still to be confirmed"),
        ("constraints", "Hosting ???", "???"),
        ("interfaces", "Files of our shop are usually CSV", "usually"),
        ("acceptance_criteria", "Some orders are shown", "Some"),
        ("acceptance_criteria", "The search is faster", "faster"),
        ("acceptance_criteria", "There are no bugs", "no bugs"),
        ("acceptance_criteria", "It runs in all browsers", "all browsers"),
        ("acceptance_criteria", "Everything is logged", "Everything"),
        ("acceptance_criteria", "The export works correctly", "works correctly"),
        ("acceptance_criteria", "The export should work.", "should work"),
        ("acceptance_criteria", "The users are happy with it", "users are happy"),
        ("definition_of_done", "It meets our expectations", "meets our expectations"),
        ("acceptance_criteria", "The export should contain the total", "should"),
        ("acceptance_criteria", "A clerk might see the total", "might"),
        ("constraints", "Live by 15 March", "15 March"),
        ("constraints", "Live by the end of June", "end of June"),
        ("constraints", "The first part in Q3", "Q3"),
        ("constraints", "Live on 03/04/2027", "03/04/2027"),
        ("constraints", "It starts next month", "next month"),
        ("context", "The OMS sends them on", "OMS"),
        ("acceptance_criteria", "CSV export", "CSV export"),
        ("acceptance_criteria", "Then the Master Record is updated", "Master Record"),
    ],
)
def test_what_may_be_read_in_two_ways_is_found(section, text, words):
    assert words in about(section, text)


# And nothing is said of these:


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("acceptance_criteria", "A fast search: 95 of 100 answers within 300 ms"),
        ("acceptance_criteria", "The page is fast: two seconds at most"),
        ("context", "It is slow: 40 minutes for one file."),
        ("context", "It became slow last year, from 5 minutes to an hour."),
        ("context", "As soon as the order is paid, the shop sends it."),
        ("context", "How many orders are lost, nobody knows."),
        ("context", "Prices can be defined by the shop managers."),
        ("context", "Every order has one invoice, always has had, and all of them are sent."),
        ("context", "We should have done this years ago, and might have."),
        ("context", "Some customers call, many do not, and usually late."),
        ("context", "They are often sent twice, if necessary by hand."),
        ("context", "We use the REST API, JSON over HTTPS, an SQL database and an SLA of 99.9 %."),
        ("context", "The Order Management System (OMS) sends them; the OMS is old."),
        ("context", "The OMS, our order system, sends them."),
        ("context", "PIM: where the products are. The PIM is from 2016."),
        ("context", "The status is PAID, then SENT. We use GET and POST, and MUST NOT lose one."),
        ("context", "THIS IS VERY IMPORTANT FOR US ALL"),
        ("context", "See PROJ-123 and README.md and A_B and /PATH/XYZQ and us@XYZQ.example."),
        ("context", 'It says "something went wrong, try again soon, etc." and stops.'),
        ("context", "Look at https://example.com/fast/scalable/etc/TBD for more."),
        ("context", "We run `make it fast` and read /etc/hosts."),
        ("context", "```\nfast = TBD  # etc.\n```\nThat is all."),
        ("context", "On 3 March 2026 it broke, and again by May 2026."),
        ("context", "Each year on 1 January the numbers begin anew. In May it may rain."),
        ("acceptance_criteria", "At most 20 orders wait, and most of all: each has an owner"),
        ("acceptance_criteria", "A clerk may not see the salary"),
        (
            "acceptance_criteria",
            "Given a paid order\nWhen it is sent\nThen I should see its number",
        ),
        ("acceptance_criteria", "Every order has exactly one invoice"),
        ("acceptance_criteria", "The log shows no errors after the import of sample.csv"),
        ("acceptance_criteria", "All tests pass"),
        ("acceptance_criteria", "No order is lost"),
        ("acceptance_criteria", "Login fails"),
        ("acceptance_criteria", "`GET /orders`"),
        ("out_of_scope", "Everything else."),
        ("out_of_scope", "A modern look. Faster pages. Most reports."),
        ("definition_of_done", "Tests run on each change; Mette has reviewed it."),
        ("constraints", "Live by 15 March 2027. At most 20 days of work."),
        ("constraints", "Live on 2027-03-15 or 15/03/2027. Python 3.12."),
        ("constraints", "Reports go out every week by Friday."),
        ("interfaces", "JSON by a webhook from the shop (the shop team)."),
        ("interfaces", "CSV files by SFTP; the supplier runs the server."),
    ],
)
def test_what_is_plain_is_left_alone(section, text):
    assert advice(section, text) == []


def test_interfaces_without_form_and_owner_are_asked_about():
    assert advice("interfaces", "The shop and the warehouse.") == [NO_FORM, NO_OWNER]
    assert advice("interfaces", "The shop sends JSON.") == [NO_OWNER]
    assert advice("interfaces", "The shop, which is ours.") == [NO_FORM]


def test_a_name_that_the_context_knows_is_no_stranger():
    criterion = "The Master Record is shown once"

    assert about("acceptance_criteria", f"Then {criterion.lower()}") == []
    assert about("acceptance_criteria", "When the Master Record changes, a line is logged",
                 context="The master record holds one line for each product.") == []  # fmt: skip


def test_a_long_brief_without_a_number_gets_a_hint():
    words = "We sell boats and someone writes the orders down on paper each day. " * 8

    assert NO_NUMBER in [one.advice for one in findings(Brief(context=words))]
    assert NO_NUMBER not in [one.advice for one in findings(Brief(context=words + "About 40."))]
    assert NO_NUMBER not in [one.advice for one in findings(Brief(context=words[:100]))]


# How it is told


def test_a_finding_quotes_the_words_as_they_stand():
    text = "One.\nThe page must be Fast for all who buy boats from us in winter.\nThree."

    [found] = [one for one in findings(Brief(acceptance_criteria=text)) if one.phrase == "Fast"]

    assert found.quote == "The page must be Fast for all who buy boats from"
    assert found.quote in text
    assert found.heading == "Acceptance criteria"
    assert "number and a unit" in found.advice


def test_the_same_words_count_once_and_are_counted():
    text = "The list should show it\nThe page should show it\nThe mail should name it"

    [found] = [one for one in findings(Brief(acceptance_criteria=text)) if one.phrase]

    assert (found.phrase, found.count) == ("should", 3)


def test_findings_come_in_the_order_of_the_brief():
    brief = Brief(context="etc. and fast", constraints="TBD", interfaces="CSV of our shop, asap")

    found = [(one.section, one.phrase) for one in findings(brief) if one.phrase]

    assert found == [
        ("context", "etc."),
        ("context", "fast"),
        ("interfaces", "asap"),
        ("constraints", "TBD"),
    ]


def test_nobody_gets_more_hints_than_they_would_read():
    words = "fast, robust, scalable, intuitive, soon, etc., TBD, and/or, modern, ideally, optimal"

    assert len(advice("constraints", words)) == MAX_IN_A_SECTION


# Each of these once cost more than its length, or could: many matches on one line, many names, many
# lines, and what a pattern may go back over.
HOSTILE = [
    "a", " ", "etc. ", ".", "`", '"', "“", "«", "A", "AB ", "5 ", "1a", "fast ", "\n", "-", "- ",
    "```\n", "the Aa Bb ", "[ ] ", "~", "<", "should\n", "?", ", ...", "a-", "==\n", "\u202e", "é",
    "\0", "as if when ", "to be ", "ABCD EFGH ", "𝔘", "İ", "ß", "Q1 ", "1 May ", "by May ", "may ",
    "ABC ", "(ABC) ", "TBD ", "a\tb\n", "One\n", "One\n  more\n", "Given a\nthen b\n", "1.1.",
    "* * ",
]  # fmt: skip
_NAMES = ["".join(three) for three in product(ascii_uppercase, repeat=3)][200:]
HOSTILE += [
    " ".join(_NAMES),
    " ".join(f"({name})" for name in _NAMES),
    " ".join(f"the {name.title()} {name[::-1].title()}" for name in _NAMES),
    "<" + "a" * (MAX_READ - 2) + ":",
    "A" * MAX_READ + "a",
]


@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: repr(typed[:12]))
def test_whatever_is_typed_is_looked_over_and_written_down_at_once(typed):
    text = (typed * (2 * MAX_READ // len(typed) + 1))[: 2 * MAX_READ]
    brief = Brief(title=text[:160], **dict.fromkeys(NAMES, text))

    def look_over():
        found = findings(brief)
        markdown(brief)
        assert len(found) <= len(NAMES) * MAX_IN_A_SECTION + 1

    assert not costs_more(look_over, 0.5)


def test_the_cost_is_linear():
    def cost(times):
        text = "Q1 " * times
        brief = Brief(title="T", **dict.fromkeys(NAMES, text))
        began = time.process_time()
        findings(brief)
        return time.process_time() - began

    cost(10)
    once, eight_times = (min(cost(times) for _ in range(5)) for times in (400, 3200))

    assert eight_times < once * 8 * 2


@pytest.mark.django_db
def test_findings_are_made_once_and_kept_with_the_brief(django_assert_num_queries):
    brief = receiving.receive(
        Inquiry(name="Ada", email="ada@example.com", message="See the brief."),
        brief=Brief(context="The import is slow."),
    ).brief
    first = stored_findings(brief)

    read = Brief.objects.get(pk=brief.pk)
    with django_assert_num_queries(0):
        again = stored_findings(read)

    assert first == again == findings(brief)
    assert "is slow" in [one.phrase for one in again]


# Two briefs as people write them


GOOD = Brief(
    title="Payouts that can be explained",
    context="Harborcart is a marketplace for 310 shops. Every night at 02:00 UTC a script of 1,900 "
    "lines works out what each shop is owed and hands a file to the bank. One person understands "
    "it. In March 2026 it paid 14 shops twice, and we found out from the bank.\n\n"
    "We want the same numbers from code that two of us can explain to an auditor.",
    interfaces="- PostgreSQL 15, tables `orders` and `refunds`: read only, the shop team's.\n"
    "- The bank takes one pain.001 XML file a day by SFTP. Its support answers by mail within "
    "two working days.\n- Slack: one message a night into #payouts, by our own webhook.",
    acceptance_criteria="- For each night of 2026 the new code gives the same amounts as the old "
    "one, to the cent, but for the 14 double payments.\n"
    "- Given a night that ran halfway, when it is started again, then no shop is paid twice.\n"
    "- A night with 20,000 orders is done within 10 minutes on our smallest server.\n"
    "- For any payout, one command lists the orders and refunds that it is made of.\n"
    "- If the bank's server is down for 6 hours, the file goes out once it is back.",
    out_of_scope="The dashboard for shops. Currencies but USD. New rules of what a shop is owed.",
    definition_of_done="Merged after a review by Priya or Tom. Tests run on each change and cover "
    "each rule of the fee table. A runbook of two pages. Both versions have run side by side for "
    "14 nights.",
    constraints="Python 3.12, Django 5.2, no new services. No real shop data on your machines: we "
    "give you a generated month. Live by 30 September 2027. Up to 25 days.",
)

BAD = Brief(
    title="New payout system",
    context="We need a modern, scalable and robust solution for payouts, refunds, etc. The current "
    "PPX is slow.",
    interfaces="It has to work with the PPX and accounting.",
    acceptance_criteria="- The system should be fast and user-friendly\n- Reporting\n"
    "- Payouts work correctly\n- No bugs\n- Scales to many shops if needed",
    definition_of_done="Well documented and production ready, everything works.",
    constraints="ASAP, by the end of next quarter. Budget TBD. Java and/or Kotlin.",
)


def test_a_good_brief_has_nothing_pointed_out():
    assert findings(GOOD) == []


def test_a_poor_brief_has_its_open_ends_pointed_out():
    found = findings(BAD)

    assert [one.phrase for one in found if one.section == "context"] == [
        "scalable", "robust", "etc.", "PPX", "is slow",
    ]  # fmt: skip
    assert [one.advice for one in found if one.section == "interfaces"] == [NO_FORM, NO_OWNER]
    assert [one.phrase for one in found if one.section == "acceptance_criteria"] == [
        "should", "fast", "user-friendly", "Reporting", "work correctly", "No bugs",
        "many", "if needed",
    ]  # fmt: skip
    assert NO_OUTCOME in [one.advice for one in found]
    assert [one.phrase for one in found if one.section == "out_of_scope"] == [""]
    assert [one.phrase for one in found if one.section == "constraints"] == [
        "ASAP", "next quarter", "TBD", "and/or",
    ]  # fmt: skip
