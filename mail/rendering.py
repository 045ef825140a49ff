"""From a template to the HTML of an email. Mail programs want each style on its own element."""

from collections.abc import Mapping
from typing import Any

from css_inline import CSSInliner
from django.template.loader import render_to_string

# Of the stylesheet only the rules for dark mode stay together: no element can carry them. Nothing
# is ever loaded, whatever a link or an import in an email says.
_inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def render_html(template: str, context: Mapping[str, Any]) -> str:
    """What the template says, which extends mail/_base.html, with the styles of mail/email.css."""
    return _inliner.inline(render_to_string(template, dict(context)))
