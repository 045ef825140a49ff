"""Links as people write them. The same cases are tried in the editor, in a browser."""

from urllib.parse import unquote

import lxml.html
import pytest
from django.utils.html import escape

from prose.editor import sanitize
from prose.links import can_work, link_address
from prose.rendering import render
from tests.prose.written_links import AS_TYPED, THAT_LEAD_NOWHERE


@pytest.mark.parametrize(("typed", "address"), AS_TYPED.items())
def test_an_address_gets_the_scheme_that_it_lacks(typed, address):
    assert link_address(typed) == address
    assert link_address(address) == address
    assert can_work(address)


@pytest.mark.parametrize("typed", THAT_LEAD_NOWHERE)
def test_what_leads_nowhere_is_left_for_its_writer(typed):
    assert not can_work(link_address(typed))


@pytest.mark.parametrize(("typed", "address"), AS_TYPED.items())
def test_what_is_stored_and_what_was_stored_before_lead_there(typed, address):
    written = f'<p><a href="{escape(typed)}">there</a></p>'

    for html in (sanitize(written), str(render(written).html)):
        if typed.startswith("example.test:"):
            assert "href" not in html  # to the sanitizer a scheme that it does not know
            continue
        [link] = lxml.html.fragment_fromstring(html, create_parent="div").iter("a")
        assert unquote(link.get("href")) == address


@pytest.mark.parametrize("place", ["_ftn1", "_Toc123", "gone", "note-1", ""])
def test_a_link_to_a_place_that_the_text_has_not_got_is_text(place):
    html = str(render(f'<h2>Costs</h2><p>See <a href="#{place}">[1]</a>.</p>').html)

    assert "<p>See [1].</p>" in html


@pytest.mark.parametrize("place", ["costs", "inquiry", "inquiry-email"])
def test_a_link_to_a_heading_or_to_the_form_below_stays(place):
    html = str(render(f'<h2>Costs</h2><p>See <a href="#{place}">there</a>.</p>').html)

    assert f'<a href="#{place}">there</a>' in html


def test_a_dead_mark_of_a_word_processor_calls_our_note():
    html = render('<p>So.<a href="#_ftn1">[1]</a></p><h2>Notes</h2><ol><li>Why</li></ol>').html

    assert 'href="#note-1"' in html
