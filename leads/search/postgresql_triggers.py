"""When PostgreSQL makes entries of the index again, or adds to them: see `postgresql.py`."""

from dataclasses import dataclass

from leads.search.plain import SAYS_MORE


@dataclass(frozen=True)
class Trigger:
    """What is done on one event of a table: once for each row (`OLD`, `NEW`), or for all of a
    statement (`came`, `gone`), however many they are.
    """

    event: str
    act: str
    when: str = ""
    rows: str = ""  # the name of the statement's rows

    def name(self, table: str) -> str:
        return f"leads_search_on_{table}_{self.event.lower()}"

    def definition(self, table: str) -> str:
        name = self.name(table)
        referencing = f" REFERENCING {self.rows}" if self.rows else ""
        when = f" WHEN ({self.when})" if self.when else ""
        return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {self.act}
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {self.event} ON leads_{table}{referencing}
    FOR EACH {"STATEMENT" if self.rows else "ROW"}{when} EXECUTE FUNCTION {name}();
"""


CAME, GONE = "NEW TABLE AS came", "OLD TABLE AS gone"


def _changed(*names: str) -> str:
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    return f"({old}) IS DISTINCT FROM ({new})"


def _again(kind: str, those: str) -> str:
    return f"""PERFORM leads_search_{kind}_again(id) FROM (
        {those} ORDER BY id
    ) theirs;
    """


# What is new of a lead is only added to its entry. The same words are read once for all leads.
_ADDED = """PERFORM leads_search_leads_say(leads, text) FROM (
        SELECT text, array_agg(DISTINCT lead_id) leads FROM came WHERE {which}
        GROUP BY text ORDER BY text
    ) added;"""
_LEADS_OF_COMPANY = """SELECT lead.id FROM leads_lead lead
        JOIN leads_contact ON leads_contact.id = contact_id WHERE company_id = NEW.id"""
# Whoever renames the company at this moment waits, or is waited for.
_HOLD_COMPANY = """IF NEW.company_id IS NOT NULL THEN
        PERFORM FROM leads_company WHERE id = NEW.company_id FOR SHARE;
    END IF;
    """
# Of one that has gone from one lead to another, both.
_BOTH_LEADS = """PERFORM leads_search_lead_again(id) FROM (
        SELECT DISTINCT id FROM unnest(ARRAY[OLD.lead_id, NEW.lead_id]) id
        WHERE id IS NOT NULL ORDER BY id
    ) both_leads;"""
_OF_INQUIRIES = """SELECT DISTINCT lead_id AS id FROM {rows}
        JOIN leads_inquiry ON leads_inquiry.id = inquiry_id WHERE lead_id IS NOT NULL"""
_BRIEF = """PERFORM leads_search_inquiry_again({this}.inquiry_id);
    PERFORM leads_search_lead_again(lead_id) FROM leads_inquiry
        WHERE id = {this}.inquiry_id AND lead_id IS NOT NULL;"""

WATCHED = {
    "company": [
        Trigger("INSERT", "PERFORM leads_search_company_again(NEW.id, true);"),
        Trigger(
            "UPDATE",
            "PERFORM leads_search_company_again(NEW.id);\n    "
            + _again("contact", "SELECT id FROM leads_contact WHERE company_id = NEW.id")
            + _again("lead", _LEADS_OF_COMPANY),
            _changed("name", "domain"),
        ),
        Trigger("DELETE", "PERFORM leads_search_company_again(OLD.id);"),
    ],
    "contact": [
        Trigger("INSERT", f"{_HOLD_COMPANY}PERFORM leads_search_contact_again(NEW.id, true);"),
        Trigger(
            "UPDATE",
            f"{_HOLD_COMPANY}PERFORM leads_search_contact_again(NEW.id);\n    "
            + _again("lead", "SELECT id FROM leads_lead WHERE contact_id = NEW.id"),
            _changed("name", "email", "phone", "job_title", "company_id"),
        ),
        Trigger("DELETE", "PERFORM leads_search_contact_again(OLD.id);"),
    ],
    "inquiry": [
        Trigger(
            "INSERT",
            """PERFORM leads_search_inquiry_again(NEW.id, true);
    IF NEW.lead_id IS NOT NULL THEN
        PERFORM leads_search_lead_more(NEW.lead_id, NEW.id);
    END IF;""",
        ),
        Trigger("UPDATE", _BOTH_LEADS, _changed("lead_id")),
        Trigger(
            "DELETE",
            _again("inquiry", "SELECT id FROM gone")
            + _again("lead", "SELECT DISTINCT lead_id AS id FROM gone WHERE lead_id IS NOT NULL"),
            rows=GONE,
        ),
    ],
    "brief": [
        Trigger("INSERT", _BRIEF.format(this="NEW")),
        Trigger("UPDATE", _BRIEF.format(this="NEW")),
        Trigger("DELETE", _BRIEF.format(this="OLD")),
    ],
    "spammark": [
        Trigger("INSERT", _again("lead", _OF_INQUIRIES.format(rows="came")), rows=CAME),
        Trigger("UPDATE", _again("lead", _OF_INQUIRIES.format(rows="came")), rows=CAME),
        Trigger("DELETE", _again("lead", _OF_INQUIRIES.format(rows="gone")), rows=GONE),
    ],
    "activity": [
        Trigger("INSERT", _ADDED.format(which=SAYS_MORE.format(this="came")), rows=CAME),
        Trigger("UPDATE", _BOTH_LEADS, _changed("lead_id", "kind", "text")),
        Trigger(
            "DELETE",
            _again(
                "lead",
                "SELECT DISTINCT lead_id AS id FROM gone WHERE " + SAYS_MORE.format(this="gone"),
            ),
            rows=GONE,
        ),
    ],
    "nextstep": [
        Trigger("INSERT", _ADDED.format(which="true"), rows=CAME),
        Trigger("UPDATE", _BOTH_LEADS, _changed("lead_id", "text")),
        Trigger("DELETE", _again("lead", "SELECT DISTINCT lead_id AS id FROM gone"), rows=GONE),
    ],
    "lead": [
        Trigger("INSERT", "PERFORM leads_search_lead_again(NEW.id, true);"),
        Trigger(
            "UPDATE",
            "PERFORM leads_search_lead_again(NEW.id);",
            _changed("contact_id", "lost_because", "lost_reason"),
        ),
        Trigger("DELETE", "PERFORM leads_search_lead_again(OLD.id);"),
    ],
}
# To empty a whole table asks no trigger of rows.
TRUNCATED = """
CREATE FUNCTION leads_search_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE leads_search_company, leads_search_contact, leads_search_inquiry, leads_search_lead,
        leads_search_vocabulary, leads_search_gone;
    RETURN NULL;
END $$;
CREATE TRIGGER leads_search_emptied AFTER TRUNCATE ON leads_contact
    FOR EACH STATEMENT EXECUTE FUNCTION leads_search_emptied();
"""


def definition() -> str:
    triggers = [one.definition(table) for table, those in WATCHED.items() for one in those]
    return "".join([*triggers, TRUNCATED])
