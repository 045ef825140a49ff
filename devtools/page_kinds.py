"""Every kind of page: how to come to one, and what is done there before its picture is taken."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import expect

from benchmarks.demo_site import PAGES
from tests.browser import Visitor

ARTICLES = "/admin/articles/article/"


@dataclass(frozen=True)
class Kind:
    """One kind of page: how to find the address of one, and what is done there before its picture
    is taken. Only members of staff see those marked so.
    """

    name: str
    find: Callable[[Visitor], str]
    prepare: Callable[[Visitor], None] = lambda reader: None
    for_staff: bool = False
    status: int = 200


def at(address: str) -> Callable[[Visitor], str]:
    return lambda reader: address


def first_row(list_: str) -> Callable[[Visitor], str]:
    def find(reader: Visitor) -> str:
        reader.open(list_)
        return str(reader.page.locator("#result_list tbody th a").first.get_attribute("href"))

    return find


def record_of(name: str, model: str = "lead", page: str = "lead") -> Callable[[Visitor], str]:
    def find(reader: Visitor) -> str:
        form = first_row(f"/admin/leads/{model}/?q={name}")(reader)
        number = next(part for part in form.split("/") if part.isdecimal())
        return f"/admin/{page}/{number}/"

    return find


def email_html(query: str) -> Callable[[Visitor], str]:
    """An email as its recipient sees it: what the email's page in the admin shows in a frame."""

    def find(reader: Visitor) -> str:
        reader.open(first_row(f"/admin/mail/message/?q={query}")(reader))
        return str(reader.page.locator("iframe").get_attribute("src"))

    return find


def answer_questions(reader: Visitor) -> None:
    for place, question in enumerate(reader.page.locator("main fieldset").all(), start=1):
        question.get_by_role("radio").nth(place).check()


def take_assessment(reader: Visitor) -> str:
    reader.open("/readiness/1/")
    for number in (1, 2, 3):
        reader.page.wait_for_url(f"**/readiness/{number}/")
        answer_questions(reader)
        reader.page.get_by_role("button", name="Save and continue").click()
    reader.page.get_by_role("button", name="See the result").click()
    reader.page.wait_for_url("**/readiness/result/**")
    return reader.path


def simulate_draft(reader: Visitor) -> str:
    """Of a draft with a rule that nobody reaches."""
    reader.open("/admin/readiness/questionset/")
    reader.page.get_by_role("button", name="New draft").click()
    reader.page.locator("#id_rules-4-min_total").fill("80")
    reader.page.locator("#id_rules-4-min_each_dimension").fill("60")
    reader.page.locator("[name=_continue]").click()
    return str(reader.page.get_by_role("link", name="Simulate").get_attribute("href"))


def wait_for_editor(reader: Visitor) -> None:
    expect(reader.page.get_by_role("textbox", name="Body", exact=True)).to_be_visible()


def find_anything(reader: Visitor) -> None:
    reader.page.keyboard.press("Control+k")
    reader.page.keyboard.type("ledger")
    expect(reader.page.locator("#palette mark").first).to_be_visible()


def select_some(reader: Visitor) -> None:
    for number in (1, 3):
        reader.page.locator(".row__pick input").nth(number).check()
    reader.page.locator(".bar summary", has_text="Stage").click()
    reader.page.locator(".bar .stages label", has_text="Won").click()


def public_kind(name: str, address: str) -> Kind:
    match name:
        case "readiness-step":
            return Kind(name, at(address), answer_questions)
        case "not-found":
            return Kind(name, at(address), status=404)
    return Kind(name, at(address))


KINDS = [
    *(public_kind(name, address) for name, address in PAGES.items()),
    Kind("readiness-result", take_assessment),
    Kind("sign-in", at("/admin/login/")),
    Kind("forgot-password", at("/admin/forgot-password/")),
    Kind("account", at("/admin/account/"), for_staff=True),
    Kind("second-factor", at("/admin/account/factor/"), for_staff=True),
    Kind("admin", at("/admin/"), for_staff=True),
    Kind("palette", at("/admin/"), find_anything, for_staff=True),
    Kind("style", at("/admin/style/"), for_staff=True),
    Kind("desk-style", at("/admin/style/desk/"), for_staff=True),
    Kind("article-list", at("/admin/article-list/"), for_staff=True),
    Kind("editor", first_row(f"{ARTICLES}?q=idempotency"), wait_for_editor, for_staff=True),
    Kind("images", at("/admin/images/image/"), for_staff=True),
    Kind("inbox", at("/admin/inbox/"), for_staff=True),
    Kind("inbox-selected", at("/admin/inbox/"), select_some, for_staff=True),
    Kind("inquiries", at("/admin/leads/inquiry/"), for_staff=True),
    Kind("leads", at("/admin/leads/lead/"), for_staff=True),
    # Of one lead, whose assessment came with the inquiry.
    Kind("record", record_of("Reyes"), for_staff=True),
    Kind("person", record_of("Mathilde", "contact", "person"), for_staff=True),
    Kind("company", record_of("Nordlys", "company", "company"), for_staff=True),
    Kind("lead", first_row("/admin/leads/lead/?q=Reyes"), for_staff=True),
    Kind("emails", at("/admin/mail/message/"), for_staff=True),
    Kind("notification", email_html("Inquiry+from+Daniel"), for_staff=True),
    Kind("acknowledgment", email_html("daniel@harborcartpay"), for_staff=True),
    Kind("calibration", at("/admin/leads/lead/calibration/"), for_staff=True),
    Kind("simulator", simulate_draft, for_staff=True),
]
