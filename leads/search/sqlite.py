"""The index of sales on SQLite: FTS5, kept by triggers. See `postgresql.py` for what is in it.

The triggers call `leads_search_words`, which each of our connections brings along: another program
can read the tables of sales, and not change them. Words to correct mistyped ones from are FTS5's
own list of what is indexed.
"""

from typing import Any

from leads.search.plain import SAYS_MORE, indexed

KINDS = ("company", "contact", "inquiry", "lead")
FUNCTION = "leads_search_words"

TABLE = """
CREATE VIRTUAL TABLE leads_search_{kind} USING fts5(
    who, about, said, source,
    tokenize="unicode61 remove_diacritics 0 categories 'L* N* M*' tokenchars '+@'"
)"""
VOCABULARY = """
CREATE VIRTUAL TABLE leads_search_{kind}_vocabulary USING fts5vocab(leads_search_{kind}, 'row')
"""
_SPAM = "EXISTS (SELECT 1 FROM leads_spammark WHERE inquiry_id = {inquiry}.id)"
# The rows that a lead's entry is made of: not the spam among its inquiries, unless all are.
_INQUIRIES = f"""
    FROM leads_inquiry inquiry LEFT JOIN leads_brief brief ON brief.inquiry_id = inquiry.id
    WHERE inquiry.lead_id = lead.id AND (NOT {_SPAM.format(inquiry="inquiry")} OR NOT EXISTS (
        SELECT 1 FROM leads_inquiry other
        WHERE other.lead_id = lead.id AND NOT {_SPAM.format(inquiry="other")}
    ))"""
_BRIEF = ", ".join(
    f"brief.{column}"
    for column in ("title", "context", "interfaces", "acceptance_criteria", "out_of_scope",
                   "definition_of_done", "constraints")
)  # fmt: skip
_SOURCE = ", ".join(
    f"inquiry.{column}"
    for column in ("source_path", "referrer_host", "utm_source", "utm_medium", "utm_campaign")
)
MADE = {
    "company": """
        SELECT company.id, leads_search_words(name, domain), '', '', ''
        FROM leads_company company""",
    "contact": """
        SELECT contact.id, leads_search_words(contact.name, contact.email),
            leads_search_words(contact.phone, contact.job_title, company.name, company.domain),
            '', ''
        FROM leads_contact contact LEFT JOIN leads_company company
            ON company.id = contact.company_id""",
    "inquiry": f"""
        SELECT inquiry.id, leads_search_words(inquiry.name, inquiry.email),
            leads_search_words(inquiry.company), leads_search_words(inquiry.message, {_BRIEF}),
            leads_search_words({_SOURCE}) || coalesce(' @' || inquiry.article_id, '')
        FROM leads_inquiry inquiry LEFT JOIN leads_brief brief ON brief.inquiry_id = inquiry.id""",
    "lead": f"""
        SELECT lead.id, leads_search_words(contact.name, contact.email),
            leads_search_words(contact.phone, contact.job_title, company.name, company.domain),
            leads_search_words(lead.lost_because, lead.lost_reason,
                (SELECT group_concat(text, char(10)) FROM leads_nextstep WHERE lead_id = lead.id),
                (SELECT group_concat(text, char(10)) FROM leads_activity
                    WHERE lead_id = lead.id AND {SAYS_MORE.format(this="leads_activity")}))
                || coalesce((SELECT group_concat(' ' || leads_search_words(inquiry.name,
                    inquiry.email, inquiry.company, inquiry.message, {_BRIEF}), '')
                    {_INQUIRIES}), ''),
            coalesce((SELECT group_concat(leads_search_words({_SOURCE})
                || coalesce(' @' || inquiry.article_id, ''), ' ') {_INQUIRIES}), '')
        FROM leads_lead lead JOIN leads_contact contact ON contact.id = lead.contact_id
            LEFT JOIN leads_company company ON company.id = contact.company_id""",
}
AGAIN = """
        DELETE FROM leads_search_{kind} WHERE rowid IN ({those});
        INSERT INTO leads_search_{kind} (rowid, who, about, said, source)
            {made} WHERE {kind}.id IN ({those});"""
# Which entries are made again when a row of a table comes, changes or goes; `this` is OLD or NEW.
_LEADS_OF = "SELECT id FROM leads_lead WHERE contact_id {which}"
_LEAD_OF_INQUIRY = "SELECT lead_id FROM leads_inquiry WHERE id = {this}.inquiry_id"
WATCHED = {
    "company": {
        "company": "{this}.id",
        "contact": "SELECT id FROM leads_contact WHERE company_id = {this}.id",
        "lead": _LEADS_OF.format(
            which="IN (SELECT id FROM leads_contact WHERE company_id = {this}.id)"
        ),
    },
    "contact": {"contact": "{this}.id", "lead": _LEADS_OF.format(which="= {this}.id")},
    "inquiry": {"inquiry": "{this}.id", "lead": "{this}.lead_id"},
    "brief": {"inquiry": "{this}.inquiry_id", "lead": _LEAD_OF_INQUIRY},
    "spammark": {"lead": _LEAD_OF_INQUIRY},
    "activity": {"lead": "{this}.lead_id"},
    "nextstep": {"lead": "{this}.lead_id"},
    "lead": {"lead": "{this}.id"},
}
# The columns that are indexed, or that say whose a row is: an update of others is none of ours.
COLUMNS = {
    "company": "name, domain",
    "contact": "name, email, phone, job_title, company_id",
    "inquiry": "lead_id",
    "brief": "title, context, interfaces, acceptance_criteria, out_of_scope, definition_of_done, "
    "constraints, inquiry_id",
    "spammark": "inquiry_id",
    "activity": "lead_id, kind, text",
    "nextstep": "lead_id, text",
    "lead": "contact_id, lost_because, lost_reason",
}
ONLY_WHEN = {"activity": SAYS_MORE}


def tables() -> dict[str, str]:
    """Name and statement of each, in the order in which they are made."""
    made = {f"leads_search_{kind}": TABLE.format(kind=kind) for kind in KINDS}
    lists = {f"leads_search_{kind}_vocabulary": VOCABULARY.format(kind=kind) for kind in KINDS}
    return {name: statement.strip() for name, statement in (made | lists).items()}


def triggers() -> dict[str, str]:
    found = {}
    for table, entries in WATCHED.items():
        for event, rows in {"insert": ["NEW"], "update": ["OLD", "NEW"], "delete": ["OLD"]}.items():
            name = f"leads_search_on_{table}_{event}"
            conditions = [ONLY_WHEN[table].format(this=row) for row in rows if table in ONLY_WHEN]
            body = "".join(_again(kind, those, rows) for kind, those in entries.items())
            found[name] = "".join(
                [
                    f"CREATE TRIGGER {name} AFTER {event.upper()}",
                    f" OF {COLUMNS[table]}" if event == "update" else "",
                    f" ON leads_{table}",
                    f" WHEN {' OR '.join(conditions)}" if conditions else "",
                    f"\nBEGIN{body}\nEND",
                ]
            )
    return found


def _again(kind: str, those: str, rows: list[str]) -> str:
    both = " UNION ".join(
        those.format(this=row) if those.startswith("SELECT") else f"SELECT {those.format(this=row)}"
        for row in rows
    )
    return AGAIN.format(kind=kind, those=both, made=MADE[kind].strip())


def fill_statements() -> list[str]:
    return [
        f"INSERT INTO leads_search_{kind} (rowid, who, about, said, source) {MADE[kind].strip()}"
        for kind in KINDS
    ]


def bring_function(connection: Any, **kwargs: object) -> None:
    """To each connection that is made to an SQLite database."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(FUNCTION, -1, indexed, deterministic=True)
