"""What a reader does with a page, by eye, hand and keyboard, in a real browser."""

from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import PIL.Image
import pypdf
import pytest
from playwright.sync_api import expect

ARTICLE = "/articles/idempotency-and-the-outbox/"
# What moved without anyone's doing, with where it was and where it is.
SHIFTS = """
() => new Promise(done => {
  const shifts = [];
  const where = ({x, y, width, height}) => [x, y, width, height].map(Math.round).join(" ");
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput)
      for (const {node, previousRect, currentRect} of entry.sources)
        shifts.push([node?.outerHTML?.slice(0, 200), where(previousRect), where(currentRect)]);
  }).observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => setTimeout(() => done(shifts), 50));
})
"""


@pytest.mark.parametrize("path", ["/", ARTICLE, "/articles/", "/contact/", "/offices/copenhagen/"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_on_a_page_moves_while_it_loads(browser, path, width):
    with browser.visitor(viewport={"width": width, "height": 800}) as reader:
        reader.open(path)
        height = reader.page.evaluate("document.documentElement.scrollHeight")
        for y in range(0, height, 700):  # so that pictures further down load as well
            reader.page.evaluate(f"scrollTo(0, {y})")
            reader.page.wait_for_timeout(20)

        assert reader.page.evaluate(SHIFTS) == []
        assert reader.complaints == []


def test_an_article_asks_for_little_besides_its_pictures(browser):
    asked = []
    with browser.visitor() as reader:
        reader.page.on("request", lambda request: asked.append(request))
        reader.open(ARTICLE)
        reader.page.wait_for_load_state("networkidle")

    assert len([one for one in asked if one.resource_type != "image"]) <= 4
    assert reader.complaints == []  # asks no other host, says its visitor


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-27T12:00:00Z", "13:00 there now, open"),  # a Friday
        ("2026-11-27T16:00:00Z", "17:00 there now, closed until Mon 09:00"),
        ("2026-11-29T10:53:00Z", "11:53 there now, closed until Mon 09:00"),
        ("2026-11-30T07:59:00Z", "08:59 there now, closed until 09:00"),
        ("2026-11-29T23:30:00Z", "00:30 there now, closed until 09:00"),
    ],
)
def test_a_closed_office_says_when_it_opens(browser, moment, said):
    with browser.visitor(viewport={"width": 320, "height": 800}) as reader:
        reader.page.clock.set_fixed_time(moment)
        reader.open("/offices/copenhagen/")

        clock = reader.page.locator("main article time[data-timezone]")
        expect(clock).to_have_text(said)
        lines = clock.evaluate(
            "e => Math.round(e.offsetHeight / parseFloat(getComputedStyle(e).lineHeight))"
        )
        assert lines == 1  # no more room is kept for it
        assert reader.complaints == []


def test_code_is_copied_as_it_was_written(browser):
    with browser.visitor(permissions=["clipboard-read", "clipboard-write"]) as reader:
        reader.open(ARTICLE)
        block = reader.page.locator(".code", has_text="CREATE TABLE payment")

        block.get_by_role("button", name="Copy").click()

        expect(block.get_by_role("button")).to_have_text("Copied")
        expect(block.get_by_role("status")).to_have_text("Copied")
        copied = reader.page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("CREATE TABLE payment (\n    id              bigint GENERATED")
        assert copied.rstrip().endswith(");")
        expect(block.get_by_role("button")).to_have_text("Copy")


def test_an_article_is_passed_on_without_asking_anyone_else(browser):
    with browser.visitor(permissions=["clipboard-read", "clipboard-write"]) as reader:
        reader.open(ARTICLE)
        address = reader.address + ARTICLE
        title = reader.page.get_by_role("heading", level=1).inner_text().replace("\n", " ")

        letter = reader.page.get_by_role("link", name="Send by email").get_attribute("href")
        reader.page.get_by_role("button", name="Copy link").click()

        assert letter.startswith("mailto:?")
        assert parse_qs(urlsplit(letter).query) == {"subject": [title], "body": [address]}
        expect(reader.page.get_by_role("button", name="Copied")).to_be_visible()
        assert reader.page.evaluate("navigator.clipboard.readText()") == address


def test_without_script_no_button_is_there_that_does_nothing(browser):
    with browser.visitor(java_script_enabled=False) as reader:
        reader.open(ARTICLE)

        buttons = reader.page.get_by_role("button")
        expect(buttons).to_have_count(1)
        expect(buttons).to_have_text("Send the message")
        expect(reader.page.get_by_role("link", name="Send by email")).to_be_visible()


def test_the_first_key_leads_past_the_menu(browser):
    with browser.visitor() as reader:
        reader.open(ARTICLE)

        reader.page.keyboard.press("Tab")
        skip = reader.page.get_by_role("link", name="Skip to content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        reader.page.keyboard.press("Enter")
        reader.page.keyboard.press("Tab")

        assert reader.page.evaluate("document.activeElement.closest('main') !== null")


def test_whoever_goes_by_keyboard_always_sees_where_they_are(browser):
    """Every stop has an outline, and the stops come in the order of the page."""
    with browser.visitor(
        viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
    ) as reader:
        reader.open(ARTICLE)
        stops = []
        for _ in range(200):
            reader.page.keyboard.press("Tab")
            stop = reader.page.evaluate(STOP)
            if stop is None:
                break
            stops.append(stop)

    assert len(stops) > 40
    assert [stop["what"] for stop in stops if not stop["seen"]] == []
    assert [stop["place"] for stop in stops] == sorted(stop["place"] for stop in stops)


STOP = """
() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const outlined = one => one && getComputedStyle(one).outlineStyle !== "none"
    && parseFloat(getComputedStyle(one).outlineWidth) >= 2;
  return {
    what: at.outerHTML.slice(0, 100),
    seen: outlined(at) || outlined(at.closest(".card")),
    place: [...document.querySelectorAll("*")].indexOf(at),
  };
}
"""


def test_what_is_wrong_with_a_form_is_where_the_keyboard_is(browser):
    with browser.visitor() as reader:
        reader.open("/contact/")
        reader.page.locator("form[data-inquiry-form]").evaluate("form => form.noValidate = true")
        reader.page.get_by_role("button", name="Send the message").click()

        summary = reader.page.locator("[data-error-summary]")
        expect(summary).to_be_focused()
        reader.page.keyboard.press("Tab")
        reader.page.keyboard.press("Enter")

        expect(reader.page.get_by_label("Your name")).to_be_focused()


PRINTED = [
    ("/", 6, ["Backends that let you sleep", "Latest articles", "Reliability", "Copenhagen"]),
    ("/services/", 2, ["Scale your backend", "Production Backend Experience", "Reliability"]),
    ("/offices/", 1, ["Carlsberg Gate 1", "Jalan Bligo 12", "09:00–17:00"]),
    ("/offices/copenhagen/", 1, ["Carlsberg Gate 1", "09:00–17:00", "Phone", "Email"]),
    ("/contact/", 2, ["A person answers", "Carlsberg Gate 1"]),
    ("/articles/", 4, ["Idempotency and the Outbox"]),
    ("/articles/topics/", 2, ["Reliability", "Remote work"]),
    ("/articles/authors/eric-hanson/", 3, ["Backend Developer", "Idempotency and the Outbox"]),
    ("/about/", 2, ["About us", "Magelang"]),
    ("/contact/thanks/", 1, ["Thank you"]),
    ("/readiness/", 1, ["Nine questions"]),
    ("/nothing-here/", 1, ["Page not found"]),
]


def test_printed_every_page_gives_what_it_is_about_and_no_empty_sheet(browser):
    said, sheets, counted = {}, {}, {}
    with browser.visitor() as reader:
        for path, _, _ in PRINTED:
            reader.open(path)
            counted[path] = reader.page.locator("#count").all_text_contents()
            document = pypdf.PdfReader(BytesIO(reader.page.pdf()))
            texts = [" ".join(page.extract_text().split()) for page in document.pages]
            sheets[path] = [len(text.split()) for text in texts]
            said[path] = " ".join(texts)

    missing = {
        (path, words)
        for path, _, expected in PRINTED
        for words in [*expected, *counted[path]]
        if words not in said[path]
    }
    assert missing == set()
    assert counted["/articles/"], "how many there are: other journeys write some, too"
    assert {path for path, most, _ in PRINTED if len(sheets[path]) > most} == set(), sheets
    assert {path for path, words in sheets.items() if min(words) < 10} == set(), sheets
    assert not [path for path, text in said.items() if "Send the message" in text]


OVERLAP = """
() => {
  const drawing = document.querySelector(".bridge").getBoundingClientRect();
  return [...document.querySelectorAll(".hero h1, .hero__intro p, .hero__ways > *")].filter(one => {
    const words = one.getBoundingClientRect();
    return words.right > drawing.left && words.left < drawing.right
      && words.bottom > drawing.top && words.top < drawing.bottom;
  }).map(one => one.textContent);
}
"""


def test_the_drawing_on_the_home_page_stands_clear_of_words_and_links(browser):
    found = {}
    with browser.visitor() as reader:
        reader.open("/")
        for width in (360, 768, 991, 992, 1024, 1080, 1180, 1215, 1216, 1280, 1920):
            reader.page.set_viewport_size({"width": width, "height": 800})
            found[width] = reader.page.evaluate(OVERLAP)

    assert {width: words for width, words in found.items() if words} == {}


def test_the_contents_are_folded_on_a_phone_and_open_beside_the_text(browser):
    with browser.visitor(viewport={"width": 360, "height": 740}) as reader:
        reader.open(ARTICLE)
        chapter = reader.page.locator(".contents").get_by_role("link", name="The relay")
        expect(chapter).not_to_be_visible()
        reader.page.locator(".contents summary").click()
        expect(chapter).to_be_visible()

        reader.page.set_viewport_size({"width": 1280, "height": 800})
        reader.open(ARTICLE)
        expect(chapter).to_be_visible()


def test_above_the_first_heading_no_chapter_is_marked_as_the_one_being_read(browser):
    with browser.visitor(viewport={"width": 1280, "height": 800}) as reader:
        reader.open(ARTICLE)
        reader.page.locator("#text").evaluate("text => text.scrollIntoView()")

        current = reader.page.locator(".contents a:target-current")
        expect(current).to_have_text("Introduction")


def test_in_the_dark_drawings_stand_on_warm_paper(browser):
    """Red before green before blue, and darker than by day."""
    with browser.visitor(color_scheme="dark") as reader:
        reader.open(ARTICLE)
        cover = reader.page.locator(".article__cover")
        cover.locator("img").evaluate("img => img.decode()")
        corner = PIL.Image.open(BytesIO(cover.screenshot())).convert("RGB").getpixel((8, 8))

    assert corner[0] > corner[1] + 5 > corner[2] + 10
    assert max(corner) < 225


def test_printed_an_article_is_a_document(browser):
    """Nothing of the site around it, and where its links lead in words."""
    with browser.visitor() as reader:
        reader.open(ARTICLE)
        reader.page.emulate_media(media="print")

        for selector in (".menu", ".footer", "form", ".services", ".contents", ".share", ".skip"):
            assert not reader.page.locator(selector).first.is_visible(), selector
        for selector in ("h1", ".prose", ".meta", ".wordmark"):
            assert reader.page.locator(selector).first.is_visible(), selector
        assert not reader.page.locator(".code button").first.is_visible()
        assert reader.page.pdf().startswith(b"%PDF")
