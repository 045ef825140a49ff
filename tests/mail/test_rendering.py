"""From a template to the HTML of an email."""

import re

import lxml.html
import pytest

from devtools.processes import free_port
from mail.rendering import render_html

TYPED = (
    '<b>"It\'s" 5 < 6 & 7 > 2</b></style><style>p { display: none }</style>'
    " {{ x }} \u202e é 🙂\xa0."
)
EMAIL = """{% extends "mail/_base.html" %}{% block title %}{{ typed }}{% endblock %}
{% block content %}<h1>Hello</h1><p class="muted">{{ typed }}</p>
<a class="button" href="https://example.com/?a=1&amp;b=2">Go</a>{% endblock %}"""


@pytest.fixture
def write(settings, tmp_path):
    """Make a template that is called email.html."""
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], tmp_path]}]
    return (tmp_path / "email.html").write_text


def test_each_element_carries_its_styles(write):
    write(EMAIL)

    html = lxml.html.fromstring(render_html("email.html", {}))

    styles = {tag: html.find(f".//{tag}").get("style") for tag in ["h1", "p", "a"]}
    assert "Georgia" in styles["h1"]
    assert "margin" in styles["p"] and "color: #565b66" in styles["p"]
    assert "background: #1b1d22" in styles["a"] and "color: #fbfaf6" in styles["a"]


def test_the_rules_for_dark_mode_stay_and_no_other(write):
    write(EMAIL)

    html = render_html("email.html", {})

    [kept] = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert re.fullmatch(
        r"@media \(prefers-color-scheme: dark\) \{(\s*[^{}]+\{[^{}]+\})+\s*\}\s*", kept
    )


def test_what_someone_typed_comes_through_as_text(write):
    write(EMAIL)

    html = lxml.html.fromstring(render_html("email.html", {"typed": TYPED}))

    assert html.find(".//p").text_content() == html.find(".//title").text == TYPED
    assert html.find(".//a").get("href") == "https://example.com/?a=1&b=2"


def test_nothing_is_loaded(write, tmp_path):
    (tmp_path / "foreign.css").write_text("h1 { color: red }")
    links = [
        f"http://127.0.0.1:{free_port()}/foreign.css",  # nobody answers: loading it would fail
        f"file://{tmp_path}/foreign.css",
        f"{tmp_path}/foreign.css",
    ]
    written = "".join(f'<link rel="stylesheet" href="{link}">' for link in links)
    imported = f'<style>@import url("file://{tmp_path}/foreign.css");</style>'
    write(EMAIL.replace("<h1>", f"{written}{imported}<h1>"))

    html = lxml.html.fromstring(render_html("email.html", {}))

    assert "red" not in html.find(".//h1").get("style")
