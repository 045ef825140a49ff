"""Sales at work at the desk in a real browser, with every click and key counted.

Journeys hold the numbers to what is promised, and `benchmarks/clicks.py` prints them. What is typed
as words does not count: a note is as long as it is.
"""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

SALES = "sales@cleansystems.example"
INQUIRIES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "leads" / "inquiries.toml").read_text()
)["inquiry"]
REALISTIC = [one for one in INQUIRIES if not one["is_odd"]]
ODD = [one for one in INQUIRIES if one["is_odd"]]
MAX_KEYS_EACH = 2.5

# What of the demo waits is answered, and the inquiries come through the one door.
RECEIVE = """
import json
from django.utils import timezone
from accounts.models import User
from leads.intake import receiving, spam_marks
from leads.models import Inquiry, Lead
from leads.pipeline import moves
from leads.spam import weighing

now, by = timezone.now(), User.objects.filter(is_superuser=False).first()
for lead in Lead.objects.unanswered():
    moves.answer(lead, by=by, at=now)
for inquiry in Inquiry.objects.suspected():
    spam_marks.mark(inquiry, by=by, at=now)
for one in json.loads({inquiries!r}):
    signs = weighing.signs_of(
        name=one["name"], email=one["email"], company=one["company"], message=one["message"],
        trap=one.get("trap", ""), seconds=one.get("seconds"),
        past=spam_marks.past_of(one["email"], one["message"]),
    )
    fields = ("name", "email", "company", "message")
    receiving.receive(Inquiry(**{{name: one[name] for name in fields}}), signs=signs)
print(json.dumps([Lead.objects.unanswered().count(), Inquiry.objects.suspected().count()]))
"""
# Of people of this name, which each job has for itself.
ARRIVE = """
import time
from django.utils import timezone
from accounts.models import User
from leads.acts import doing
from leads.intake import receiving
from leads.models import Inquiry
from tests import builders

lone = User.objects.filter(name="Lone Vestergaard").first()
lone = lone or builders.user(role="Sales", name="Lone Vestergaard")
leads = []
for number in range({count}):
    inquiry = Inquiry(
        name=f"{name} {{number}}", email=f"{name}-{{number}}@example.com",
        message=f"We need help, says {name} {{number}}.",
    )
    receiving.receive(inquiry, signs=builders.SPAM if {is_spam} else ())
    leads.append(inquiry.lead)
if not {is_spam}:
    # Whoever is on duty is given them with the notification.
    while Inquiry.objects.filter(lead__in=leads, notified_at=None).exists():
        time.sleep(0.05)
    doing.assign(leads, lone if {is_lones} else None, by=lone, at=timezone.now())
    print(leads[0].pk)
"""
DIGITS = {"work": 1, "support": 2, "press": 3, "job": 4, "vendor": 5, "privacy": 6, "other": 7}


class Hands:
    """Of somebody at the desk: what they click and press is counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    def press(self, key: str) -> None:
        self.presses += 1
        self.page.keyboard.press(key)

    def click(self, place: Locator) -> None:
        self.presses += 1
        place.click()

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def send(self, how: Callable[[Any], None], what: Any) -> None:
        """Press or click what sends a form, and wait for the page that it leads to.

        The mail program that was asked for before is a navigation as well, one that never ends.
        """
        with self.page.expect_event("load"):
            how(what)

    # The inbox by keys

    def take(self) -> None:
        """What is nobody's: new leads go to whoever is on duty, and later ones to the owner."""
        if self.page.locator(".record [data-key=a]").count():
            self.send(self.press, "a")

    def sort(self, kind: str) -> None:
        """One inquiry, as a salesperson would who knows what it is."""
        if kind == "spam":
            self.send(self.press, "s")
            return
        if kind == "work":
            self.take()
        else:
            self.press("x")
            self.send(self.press, str(DIGITS[kind]))
        self.send(self.press, "e")


def receive(site: Any, inquiries: list[dict[str, Any]]) -> list[int]:
    """How many wait then, and how many are suspected spam."""
    told = site.shell(RECEIVE.format(inquiries=json.dumps(inquiries)))
    numbers: list[int] = json.loads(told.splitlines()[-1])
    return numbers


def sort_to_zero(hands: Hands, address: str, suspected: int) -> None:
    """Decide about all suspected spam, and then sort and answer all that waits."""
    # By the beginning of the words: the names are not always unique, the words nearly are.
    kinds = {_beginning(one["message"]): one["kind"] for one in INQUIRIES}
    page = hands.page
    page.goto(f"{address}/admin/inbox/?tab=suspected")
    for _ in range(suspected):
        words = page.locator(".entry__words").first.inner_text()
        hands.send(hands.press, "s" if kinds[_beginning(words)] == "spam" else "u")
    page.goto(f"{address}/admin/inbox/")
    while page.locator(".row").count():
        words = page.locator(".entry--waits .entry__words").first.inner_text()
        hands.sort(kinds[_beginning(words)])
    expect(page.locator("#main")).to_contain_text("Nobody is waiting for an answer.")


def _beginning(words: str) -> str:
    return " ".join(words.split())[:40]


@dataclass(frozen=True)
class Job:
    """`arrive` says who has written before; the page where it begins may name the first's lead."""

    name: str
    promised: int
    arrive: dict[str, Any]
    begins: str
    by_mouse: Callable[[Hands], None]
    by_keys: Callable[[Hands], None]
    told: str  # beside Undo

    def prepare(self, site: Any, way: str) -> str:
        """Returns where it begins."""
        name = f"{self.name.split()[0]}-{way}"
        usual = {"count": 1, "is_spam": False, "is_lones": False}
        said = site.shell(ARRIVE.format(name=name, **(usual | self.arrive)))
        return self.begins.format(lead=said.split()[-1] if said.split() else "")

    def do(self, hands: Hands, way: str) -> None:
        (self.by_mouse if way == "mouse" else self.by_keys)(hands)
        expect(hands.page.locator(".toast")).to_contain_text(self.told)


def _acts(hands: Hands) -> Locator:
    return hands.page.locator(".acts")


def _take_and_answer_by_mouse(hands: Hands) -> None:
    acts = _acts(hands)
    hands.send(hands.click, acts.get_by_role("button", name="Take"))
    hands.click(acts.get_by_role("link", name="Answer"))  # opens the mail program
    hands.send(hands.click, acts.get_by_role("button", name="Answered"))


def _take_and_answer_by_keys(hands: Hands) -> None:
    hands.send(hands.press, "a")
    hands.press("r")
    hands.send(hands.press, "e")


def _note_by_mouse(hands: Hands) -> None:
    acts = _acts(hands)
    hands.click(acts.locator("summary", has_text="Note"))
    expect(acts.locator("[name=note]:focus")).to_be_visible()
    hands.type("Called: they want two people.")
    hands.click(acts.get_by_label("Next step, if any"))
    hands.type("Send the estimate")
    hands.send(hands.click, acts.get_by_role("button", name="Add note"))


def _note_by_keys(hands: Hands) -> None:
    hands.press("n")
    hands.type("Called: they want two people.")
    hands.press("Tab")
    hands.type("Send the estimate")
    hands.send(hands.press, "Enter")


def _win_by_mouse(hands: Hands) -> None:
    facts = hands.page.locator(".facts")
    hands.click(facts.locator("summary", has_text="Stage"))
    hands.click(facts.locator(".stages label", has_text="Won"))
    expect(facts.locator("[name=value]:focus")).to_be_visible()
    hands.type("1.234,50")
    hands.send(hands.click, facts.get_by_role("button", name="Move"))


def _win_by_keys(hands: Hands) -> None:
    hands.press("g")
    hands.press("5")
    expect(hands.page.locator("[name=value]:focus")).to_be_visible()
    hands.type("1.234,50")
    hands.send(hands.press, "Enter")


def _nine_spams_by_mouse(hands: Hands) -> None:
    hands.click(hands.page.get_by_label("Select all"))
    hands.send(hands.click, hands.page.locator(".bar").get_by_role("button", name="Spam").first)


def _nine_spams_by_keys(hands: Hands) -> None:
    hands.press("*")
    hands.send(hands.press, "s")


def _hand_over_by_mouse(hands: Hands) -> None:
    page = hands.page
    hands.send(hands.click, page.locator("tbody").get_by_role("link", name="Lone").first)
    hands.click(page.get_by_label("Select all"))
    hands.click(page.locator(".bar summary", has_text="Owner"))
    hands.send(hands.click, page.locator(".bar").get_by_role("button", name="Me"))


def _hand_over_by_keys(hands: Hands) -> None:
    hands.send(hands.press, "f")  # the leads of whose stands first: of Lone
    hands.press("*")
    hands.press("o")
    hands.send(hands.press, "1")  # to me


INBOX = "/admin/inbox/?tab=all&open={lead}"
JOBS = (
    Job("take and answer", 3, {}, INBOX, _take_and_answer_by_mouse, _take_and_answer_by_keys,
        told="Answered for the first time"),
    Job("note with next step", 3, {}, INBOX, _note_by_mouse, _note_by_keys,
        told="Note and next step added"),
    Job("win with value", 3, {}, INBOX, _win_by_mouse, _win_by_keys,
        told="Won: 1,234.50 EUR"),
    Job("nine spams", 2, {"count": 9, "is_spam": True}, "/admin/inbox/?tab=suspected",
        _nine_spams_by_mouse, _nine_spams_by_keys, told="9 inquiries: Marked as spam"),
    Job("hand over 55 leads", 4, {"count": 55, "is_lones": True}, "/admin/pipeline/",
        _hand_over_by_mouse, _hand_over_by_keys, told="55 leads: Assigned to"),
)  # fmt: skip
