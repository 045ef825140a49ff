from django.urls import path

from prose import finding
from web.contributions import Contribution
from web.screens import Keys

contribution = Contribution(
    admin_urls=lambda site: [
        path("link-targets/", site.admin_view(finding.link_targets), name="link_targets")
    ],
    keys=(
        Keys(
            "Writing",
            (
                ("/", "Insert a block: heading, list, quote, code, picture, table, note"),
                ("Ctrl S or ⌘ S", "Save the draft now"),
                ("Ctrl K or ⌘ K", "Link the selected words, or insert a link"),
                ("Ctrl B, Ctrl I, Ctrl E", "Bold, italic, code in a line"),
                ("Ctrl Z, Ctrl Shift Z", "Undo, redo"),
                ("Alt F10", "To the formatting buttons; Esc leads back"),
                ("Ctrl Shift 8, Ctrl Shift 7", "List, numbered list"),
                ("Ctrl Shift B", "Quote"),
                ("Tab, Shift Tab", "In code and lists: indent, outdent"),
                ("Esc", "Leave a block of code"),
                ("Ctrl Shift V", "Paste without formatting"),
                ("Ctrl Enter", "A new line in the same paragraph"),
            ),
            position=5,
        ),
    ),
)
