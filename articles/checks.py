"""What of a text readers would miss without a word, in sentences for its author."""

from lxml import html as lxml_html

from images.models import Image
from prose.links import can_work


def what_is_lost(html: str) -> list[str]:
    """Pictures that are not in the library, and links that lead nowhere."""
    if not html.strip():
        return []
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    numbers = [image.get("data-file", "") for image in root.iter("img")]
    ids = {int(number) for number in numbers if number.isdecimal() and len(number) < 19}
    known = {str(pk) for pk in Image.objects.filter(pk__in=ids).values_list("pk", flat=True)}
    lost = []
    if count := sum(number not in known for number in numbers):
        lost.append(
            "One picture in the text is not in the library, so readers would not see it. "
            if count == 1
            else f"{count} pictures in the text are not in the library, so readers would not see "
            "them. "
        )
        lost[-1] += "Upload it with the picture button, or remove it from the text."
    for link in root.iter("a"):
        href, words = link.get("href", ""), " ".join(link.text_content().split())
        if words and not href.startswith("#") and not can_work(href):
            lost.append(
                f"The link “{words[:60]}” does not work: its address is “{href[:100]}”. Write it "
                "out, as in https://example.com/page or /contact/, or remove the link."
            )
    return lost
