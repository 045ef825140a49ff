"""What a visitor meets on the way through the assessment, also where they do not go straight."""

import re
from datetime import timedelta

import lxml.html
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from readiness import publishing, taking
from readiness.models import Assessment, QuestionSet
from tests.builders import article, topic
from tests.headers import UNKEYED

pytestmark = pytest.mark.django_db

START = reverse("readiness:start")
LAST = 4


@pytest.fixture(autouse=True)
def published(question_set):
    return question_set


def step(number):
    return reverse("readiness:step", args=[number])


def answers(number, value=2, version="1", **changes):
    letter = "ABC"[number - 1]
    return {f"{letter}{place}": str(value) for place in (1, 2, 3)} | {"version": version} | changes


def take(client, value=2, wishes=None, until=LAST):
    """Go through it up to and with that step; the last answer."""
    answer = None
    for number in range(1, min(until, 3) + 1):
        answer = client.post(step(number), answers(number, value))
    if until == LAST:
        answer = client.post(step(LAST), {"version": "1"} | (wishes or {}))
    return answer


def said(answer):
    """The words of the page, as they are read."""
    main = lxml.html.fromstring(answer.content).xpath("//main")[0]
    return " ".join(main.text_content().split())


# The straight way


def test_the_invitation_is_the_same_for_everyone(client):
    plain = client.get(START)
    take(client)
    again = client.get(START, headers=UNKEYED)

    assert plain.content == again.content
    assert "public" in plain.headers["Cache-Control"]
    assert not plain.cookies and not again.cookies
    assert "this site’s only cookie" in said(plain)


def test_the_way_leads_step_by_step_to_the_result(client):
    for number in (1, 2, 3):
        assert f"Step {number} of 4" in said(client.get(step(number)))
        answer = client.post(step(number), answers(number))
        assert answer.url == step(number + 1)
    answer = client.post(step(LAST), {"version": "1", "wanted": "project"})

    result = client.get(answer.url)

    assert re.fullmatch(r"/readiness/result/[\w-]{43}/", answer.url)
    assert "Ready for a pilot" in said(result)
    assert "Your total is 67 of 100." in said(result)
    assert said(result).count("What to do:") == 2
    assert len(lxml.html.fromstring(result.content).xpath("//svg[@role='img'][@class='bar']")) == 3
    kept = Assessment.objects.get()
    assert kept.answers == dict.fromkeys(["A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3"], 2)
    assert kept.wishes["wanted"] == "project"
    assert (str(kept.total), kept.points["A"]) == ("66.7", 23.3)
    assert kept.rule.result.key == "pilot"


@pytest.mark.parametrize(
    ("value", "name"),
    [("3", "Ready"), ("2", "pilot"), ("1", "Foundations"), ("0", "Not yet"),
     ("unsure", "Not enough known")],
)  # fmt: skip
def test_every_result_has_its_page(client, value, name):
    page = client.get(take(client, value).url)

    assert name in lxml.html.fromstring(page.content).xpath("string(//h1)")


def test_no_cookie_is_set_until_a_step_is_saved_and_then_one_of_our_own(client, settings):
    settings.IS_HTTPS = True
    assert not client.get(step(1)).cookies
    assert not client.post(step(1), {"version": "1"}).cookies
    assert not Assessment.objects.exists()

    [(name, cookie)] = client.post(step(1), answers(1)).cookies.items()

    assert name == "readiness"
    assert (cookie["path"], cookie["samesite"]) == ("/readiness/", "Lax")
    assert cookie["httponly"] and cookie["secure"]
    assert cookie.value not in str(Assessment.objects.values().get())


def test_pages_of_one_visitor_are_kept_by_nobody(client):
    result = take(client).url
    resume = reverse("readiness:resume", args=[client.cookies["readiness"].value])
    for answer in (
        client.get(step(1)), client.post(step(1), answers(1)), client.get(result),
        client.get(resume), client.post(reverse("readiness:again")),
        client.get(reverse("readiness:result", args=["x"])),
    ):  # fmt: skip
        assert answer.headers["Cache-Control"] == "private, no-store", answer
    assert client.get(result).headers["X-Robots-Tag"] == "noindex"


def test_going_back_keeps_what_was_answered(client):
    take(client, until=1)

    back = client.post(step(2), {"version": "1", "B1": "3", "back": "1"})

    assert back.url == step(1)
    assert Assessment.objects.get().answers == {"A1": 2, "A2": 2, "A3": 2, "B1": 3}
    checked = lxml.html.fromstring(client.get(step(2)).content).xpath("//input[@checked]/@id")
    assert checked == ["id_B1_3"]


def test_a_step_that_is_answered_again_counts_as_answered_last(client):
    take(client, until=2)
    client.post(step(1), answers(1, "unsure"))

    assert Assessment.objects.get().answers["A1"] is None
    checked = lxml.html.fromstring(client.get(step(1)).content).xpath("//input[@checked]/@id")
    assert checked == ["id_A1_4", "id_A2_4", "id_A3_4"]


def test_another_device_goes_on_by_the_private_link(client):
    take(client, until=2)
    page = lxml.html.fromstring(client.get(step(3)).content)
    [link] = page.xpath("//a[contains(@href, '/resume/')]/@href")
    client.cookies.clear()

    there = client.get(link.removeprefix("http://testserver"), follow=True)

    assert "Step 3 of 4" in said(there)
    assert there.request["PATH_INFO"] == step(3) and not there.request["QUERY_STRING"]
    [key] = lxml.html.fromstring(there.content).xpath("//input[@name='key']/@value")
    assert client.post(step(3), answers(3, key=key)).url == step(4)
    assert Assessment.objects.get().answers["C1"] == 2


def test_no_address_on_the_way_has_the_key_in_it(client):
    take(client, until=1)
    key = client.cookies["readiness"].value
    for address in (reverse("readiness:resume", args=[key]), f"{step(2)}?key={key}"):
        client.cookies.clear()

        answer = client.get(address)

        assert answer.url == step(2)
        assert client.cookies["readiness"].value == key
        assert client.cookies["readiness"]["path"] == "/readiness/"


def test_no_other_site_gets_the_address_of_what_is_one_visitors_own(client):
    result = take(client).url
    for address in (step(1), result, f"{result}pdf/", reverse("readiness:resume", args=["x"]),
                    reverse("readiness:result", args=["x"])):  # fmt: skip
        assert client.get(address).headers["Referrer-Policy"] == "same-origin", address


def test_a_result_leads_to_live_articles_on_what_holds_back(client, published):
    docs = topic()
    for key in ("A1", "B1"):  # the two that hold most back
        published.questions[key].topics.add(docs)
    read = article(topics=[docs], text={"title": "Half a page"})
    article(topics=[docs], live_from=None, text={"title": "A draft"})
    article(text={"title": "On something else"})

    page = client.get(take(client).url)

    assert "Read: Half a page" in said(page)
    assert page.text.count(read.get_absolute_url()) == 1
    assert "A draft" not in page.text and "On something else" not in page.text


@pytest.mark.parametrize(
    ("value", "ahead"),
    [
        ("3", None),
        ("2", "The next result, “Ready”, needs a total of 75 (now 67)."),
        ("1", "The next result, “Ready for a pilot”, needs a total of 50 (now 33) and 40% in each "
         "dimension."),
        ("0", None),
        ("unsure", None),
    ],
)  # fmt: skip
def test_a_result_says_what_the_next_one_takes_where_that_is_certain(client, value, ahead):
    page = said(client.get(take(client, value).url))

    assert ("The next result" in page) == bool(ahead)
    assert ahead is None or ahead in page


def test_the_next_result_names_the_dimensions_that_are_below_its_floor(client):
    client.post(step(1), answers(1, 0))
    client.post(step(2), answers(2, 1))
    client.post(step(3), answers(3, 3))

    page = said(client.get(client.post(step(LAST), {"version": "1"}).url))

    assert (
        "needs a total of 50 (now 42), 40% in “Documentation and process roles” (now 0%) and "
        "40% in “How work gets defined” (now 33%)." in page
    )


def test_a_result_marks_on_each_bar_what_the_rules_ask_for_and_names_the_weakest(client):
    take(client, 2, until=2)
    client.post(step(3), answers(3, 1))
    page = client.get(client.post(step(LAST), {"version": "1"}).url)
    tree = lxml.html.fromstring(page.content)

    assert tree.xpath("//svg/path[@class='bar__floors']/@d") == ["M40-.5v2M60-.5v2"] * 3
    assert tree.xpath("//svg[@class='bar']/@aria-label") == [
        "Documentation and process roles: 67%",
        "How work gets defined: 67%",
        "Structural conditions: 33%, the weakest",
    ]
    assert "40% for “Ready for a pilot” and 60% for “Ready”" in said(page)


def test_no_dimension_is_the_weakest_where_all_are_alike(client):
    assert "the weakest" not in client.get(take(client, 3).url).text


def test_who_is_not_sure_reads_first_what_to_find_out(client):
    page = said(client.get(take(client, "unsure").url))

    assert page.index("What to find out") < page.index("What holds you back most")


def test_a_result_leads_to_its_document(client, settings):
    url = take(client).url
    [link] = lxml.html.fromstring(client.get(url).content).xpath("//p[@class='share']")

    assert link.get("data-url") == f"{settings.SITE_URL}{url}"
    assert link.xpath("a/@href") == [f"{url}pdf/"]


def test_a_result_says_nothing_about_who(client):
    page = client.get(take(client, wishes={"system": "The mint of Ada", "timezone": "Kyiv"}).url)

    assert "mint" not in page.text and "Kyiv" not in page.text
    assert client.cookies["readiness"].value not in page.text


def test_the_key_of_a_result_does_not_open_the_answers(client):
    result = take(client, until=3)
    key = taking.result_key(client.cookies["readiness"].value)
    client.cookies.clear()

    assert taking.find(key) is None
    assert client.get(reverse("readiness:result", args=[key])).status_code == 404  # not finished
    assert result.url == step(4)


# Bad input: told in a sentence, and nothing is lost


def test_a_step_before_its_turn_leads_to_the_one_that_waits(client):
    assert "The assessment starts here." in said(client.get(step(3), follow=True))
    take(client, until=1)

    answer = client.get(step(4), follow=True)

    assert answer.redirect_chain == [(f"{step(2)}?why=skipped", 302)]
    assert "This step still needs an answer" in said(answer)


def test_the_last_step_does_not_finish_what_is_not_whole(client):
    take(client, until=2)

    answer = client.post(step(LAST), {"version": "1", "wanted": "not_sure"}, follow=True)

    assert answer.redirect_chain == [(f"{step(3)}?why=skipped", 302)]
    kept = Assessment.objects.get()
    assert not kept.is_finished
    assert kept.wishes["wanted"] == "not_sure"


def test_missing_and_impossible_answers_are_named_and_the_others_are_kept(client):
    take(client, until=1)

    answer = client.post(step(2), {"version": "1", "B1": "3", "B2": "7"})

    assert answer.status_code == 422
    assert "That isn’t one of the answers." in said(answer)
    assert "Please choose an answer, or “Not sure”: How big is a typical change" in said(answer)
    assert Assessment.objects.get().answers["B1"] == 3
    assert "B2" not in Assessment.objects.get().answers


def test_a_second_click_on_the_last_step_sees_the_same_result(client):
    first = take(client)

    second = client.post(step(LAST), {"version": "1", "wanted": "not_sure"})

    assert first.url == second.url
    assert Assessment.objects.get().wishes["wanted"] == ""


def test_what_is_finished_stays_as_it_is(client):
    result = take(client).url

    assert client.post(step(1), answers(1, "0")).url == result
    assert client.get(step(2)).url == result
    assert Assessment.objects.get().answers["A1"] == 2


def test_to_take_it_again_is_a_new_assessment(client):
    first = take(client).url
    assert client.post(reverse("readiness:again")).url == step(1)

    second = take(client, 3).url

    assert first != second
    assert "pilot" in said(client.get(first))
    assert Assessment.objects.count() == 2


def test_without_the_cookie_the_answers_of_this_step_are_kept_and_it_begins_anew(client):
    answer = client.post(step(2), answers(2), follow=True)

    assert answer.redirect_chain == [(f"{step(1)}?why=lost", 302)]
    assert "The answers you just gave are saved." in said(answer)
    assert client.post(step(1), answers(1)).url == step(2)
    assert Assessment.objects.get().answers["B1"] == 2


def test_a_new_version_in_the_middle_does_not_change_the_questions(client, published):
    take(client, until=2)
    draft = publishing.draft()
    draft.rules.filter(position=5).update(min_total=60)
    publishing.publish(draft, at=timezone.now())

    assert client.post(step(3), answers(3)).url == step(4)
    client.post(step(LAST), {"version": "1"})

    assert Assessment.objects.get().question_set == published
    assert QuestionSet.objects.current() == draft


def test_a_page_opened_before_a_new_version_is_answered_under_its_own(client, published):
    publishing.publish(publishing.draft(), at=timezone.now())

    client.post(step(1), answers(1, version="1"))

    assert Assessment.objects.get().question_set == published


@pytest.mark.parametrize("version", ["2", "", "x", "9" * 40, "-1", "٢"])
def test_a_page_of_another_version_is_shown_anew(client, version):
    take(client, until=1)

    answer = client.post(step(2), answers(2, version=version))

    assert answer.status_code == 409
    assert "The questions have changed since you opened the page" in said(answer)
    assert Assessment.objects.get().answers == {"A1": 2, "A2": 2, "A3": 2}


def test_two_tabs_do_not_lose_each_others_steps(client, published):
    take(client, until=1)
    here = taking.find(client.cookies["readiness"].value)
    there = taking.find(client.cookies["readiness"].value)

    taking.save(here, answers={"B1": 1})
    taking.save(there, answers={"C1": 3})

    assert Assessment.objects.get().answers.keys() >= {"A1", "B1", "C1"}


def test_a_link_that_is_over_says_so(client):
    take(client, until=2)
    key = client.cookies["readiness"].value
    resume = reverse("readiness:resume", args=[key])
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        answer = client.get(resume, follow=True)
        by_cookie = client.get(step(1))

    assert "Your answers have expired" in said(answer)
    assert "Your answers have expired" in said(by_cookie)


def test_a_link_that_is_over_leaves_the_answers_of_this_browser(client):
    take(client, until=1)

    answer = client.get(reverse("readiness:resume", args=["x" * 43]), follow=True)

    assert "These are the answers you gave in this browser." in said(answer)
    assert len(lxml.html.fromstring(answer.content).xpath("//input[@checked]")) == 3


def test_a_result_that_is_over_says_so(client):
    result = take(client).url
    with time_machine.travel(timezone.now() + timedelta(days=121)):
        answer = client.get(result)

    assert answer.status_code == 410
    assert "This result has expired" in said(answer)


@pytest.mark.parametrize("key", ["x", "x" * 43, "é" * 43, "%00", "x" * 5000, "%2e%2e"])
def test_keys_that_open_nothing_are_no_error(client, key):
    assert client.get(f"/readiness/result/{key}/").status_code in (400, 404)
    assert client.get(f"/readiness/resume/{key}/").status_code in (302, 400, 404)
    client.cookies["readiness"] = key
    assert client.get(step(1)).status_code in (200, 400)
    assert client.post(step(1), answers(1, key=key)).status_code in (302, 400)


@pytest.mark.parametrize("number", [0, 5, 9, "9" * 40])
def test_there_is_no_other_step(client, number):
    assert client.get(f"/readiness/{number}/").status_code == 404
    assert client.post(f"/readiness/{number}/", {"version": "1"}).status_code == 404


@pytest.mark.parametrize("wanted", ["Gold", "One bounded project", "PROJECT", "month"])
def test_what_is_wanted_is_refused_in_words_when_it_is_nonsense(client, wanted):
    take(client, until=3)

    answer = client.post(
        step(LAST),
        {"version": "1", "wanted": wanted, "system": "x" * 301, "timezone": "Kyiv\0"},
    )

    assert answer.status_code == 422
    assert "Please choose one of the answers: What are you looking for?" in said(answer)
    assert "The sentence about your system is 301 characters long; the limit is 300." in said(
        answer
    )


def test_another_sites_page_cannot_answer_for_its_visitors(client):
    for path in (step(1), reverse("readiness:again")):
        assert (
            client.post(path, answers(1), headers={"Sec-Fetch-Site": "cross-site"}).status_code
            == 403
        )
        assert (
            client.post(path, answers(1), headers={"Origin": "https://evil.example"}).status_code
            == 403
        )
    assert not Assessment.objects.exists()


def test_what_is_no_form_is_refused(client):
    assert client.post(step(1), "{}", content_type="application/json").status_code == 415


def test_pages_link_to_the_assessment(client):
    assert START in client.get("/contact/").text
    assert START in client.get("/contact/thanks/").text
    assert START in client.get("/sitemap.xml").text
    assert START in client.get("/llms.txt").text


def test_the_privacy_page_names_the_cookie(client):
    assert "one cookie leads back to your answers for 30 days" in client.get("/privacy/").text


def test_the_privacy_page_says_how_long_answers_are_kept(client):
    page = " ".join(lxml.html.fromstring(client.get("/privacy/").content).text_content().split())

    assert "Readiness assessments that are not finished" in page
    assert "Readiness results that you do not send us" in page
    assert (taking.KEPT_FOR.days, taking.RESULT_KEPT_FOR.days) == (30, 120)


def test_a_result_that_is_deleted_is_said_to_be_over_or_cut_short(client):
    result = take(client).url
    taking.forget(Assessment.objects.all())

    answer = client.get(result)

    assert answer.status_code == 404
    assert "It may have been deleted after four months, or part of the link" in said(answer)
