"""The keys of sales' screens, for the page that lists them."""

from web.screens import Keys

SELECT = (
    ("v", "Select the row, or not"),
    ("V", "Select all rows from the last one to this one"),
    ("*", "Select all"),
    ("Esc", "Select none"),
)
KEYS = (
    Keys(
        "Inbox",
        (
            ("j, k", "Open the next one, the one before"),
            *SELECT,
            ("c", "Add a lead by hand"),
            ("z", "Undo"),
        ),
        position=10,
    ),
    Keys(
        "Record",
        (
            ("a", "Take it"),
            ("r", "Answer, in your mail program"),
            ("e", "Answered"),
            ("d", "No answer needed"),
            ("n", "Note, with a next step"),
            ("t", "Next step"),
            ("x, then 1 to 7", "Kind"),
            ("g, then 1 to 6", "Stage"),
            ("o", "Owner"),
            ("s", "Spam"),
            ("u", "Not spam"),
            ("z", "Undo"),
        ),
        position=11,
    ),
    Keys(
        "Lists",
        (
            ("/", "Search"),
            ("j, k", "Next row, previous row"),
            ("Enter", "Open the row"),
            ("f", "Leads of the row’s owner"),
            *SELECT,
            ("c", "Add a lead by hand"),
            ("z", "Undo"),
        ),
        position=12,
    ),
    Keys(
        "With rows selected",
        (
            ("a", "Take them, in the inbox"),
            ("o, then 1 to 9", "Owner; 0 for nobody"),
            ("x, then 1 to 7", "Kind"),
            ("g, then 1 to 6", "Stage"),
            ("t", "Next step"),
            ("e", "Answered, in the inbox"),
            ("d", "No answer needed, in the inbox"),
            ("s", "Spam"),
            ("u", "Not spam"),
        ),
        position=13,
    ),
)
