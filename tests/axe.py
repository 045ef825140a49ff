"""What keeps people from using an open page: what axe finds, and what is too wide."""

from axe_playwright_python.base import AXE_SCRIPT

WIDTHS = (360, 768, 1280)
# It leaves the size of targets out unless told: WCAG 2.2, 2.5.8. To know whether a stylesheet keeps
# the page from turning it would fetch them all once more, and what they import from beside the page
# instead of from beside them: tests/test_accessibility.py looks for that.
EVERYTHING = {"rules": {"target-size": {"enabled": True}}, "preload": False}
# In the dark the page is the same one in other colors.
COLORS = {"runOnly": ["color-contrast", "link-in-text-block"], "preload": False}
SCHEMES = {"light": EVERYTHING, "dark": COLORS}
# Halfway from one scheme to the other, text stands in colors that nobody reads it in.
SETTLED = """() => document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .forEach((one) => one.finish())"""
RUN = """(options) => Promise.race([
    axe.run({...options, resultTypes: ["violations"]}).then(({violations}) =>
        violations.map(({id, nodes}) => ({id, nodes: nodes.map(({html}) => ({html}))}))),
    new Promise((_, fail) => setTimeout(() => fail(new Error("axe came to no end")), 120_000)),
])"""
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
SIDEWAYS = """() => {
    const page = document.documentElement.scrollWidth > innerWidth ? ["the page"] : [];
    const scrolls = (one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0
        && ["auto", "scroll"].includes(getComputedStyle(one).overflowX)
        && !one.matches("textarea, select, input, pre, .prose-editor *, .theirs");
    const sideways = [...document.querySelectorAll("body *")]
        .filter((one) => one.checkVisibility() && scrolls(one));
    return [...page, ...sideways.map((one) => one.outerHTML.slice(0, 100))];
}"""


def violations(someone, options=EVERYTHING):
    """What axe finds, with every color where a transition takes it."""
    someone.page.evaluate(SETTLED)
    if not someone.page.evaluate("'axe' in window"):
        someone.page.evaluate(AXE_SCRIPT)
    return someone.page.evaluate(RUN, options)


def names(violations):
    """Each with the beginning of the first elements that it is about."""
    return [f"{one['id']}: {node['html'][:120]}" for one in violations for node in one["nodes"][:3]]


def barriers(someone, widths=WIDTHS, *, fits=()):
    """Of the page as it is open: what axe finds at each width, light and dark, and whether it fits
    there and where it has only to fit. Then it is as before.
    """
    page, said = someone.page, len(someone.complaints)
    before, found = page.viewport_size, []
    for width in sorted({*widths, *fits}):
        page.set_viewport_size({"width": width, "height": 900})
        if (pixels := page.evaluate(TOO_WIDE)) > 0:
            found.append(f"{width}: {pixels} pixels too wide")
        for scheme, options in SCHEMES.items() if width in widths else ():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{width}, {scheme}: {one}" for one in names(violations(someone, options))]
    page.emulate_media(color_scheme="light", reduced_motion="null")
    page.set_viewport_size(before)
    del someone.complaints[said:]  # axe styles what it measures
    return found


def sideways(someone):
    """The page if it scrolls sideways, and whatever does in it."""
    return someone.page.evaluate(SIDEWAYS)
