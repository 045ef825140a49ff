"""The index of sales on PostgreSQL: a tsvector for each row, kept by triggers.

An entry has the words of its row and of what belongs to it; a lead's, those of its person, company,
inquiries, briefs, notes and next steps. Weights: A who it is, B what else is known of them, C what
was written, D where it came from. Besides words there are tokens, which no text can contain:
`#7` (its number, by thousands, so that the newest can be asked for alone), `@17` (the article it
came from), `+4011` (the end of a number).

The words themselves stand in a table as well: from them, mistyped words are corrected. It has no
constraint, so that no two inquiries wait for each other because of a word that is new to both. Two
who bring it at once bring it twice. A word goes with the last entry that has it, in the same
transaction: at its end all words that its entries have lost are looked for at once.
"""

from functools import cache

from leads.search import postgresql_triggers, postgresql_words
from leads.search.plain import SAYS_MORE
from leads.search.postgresql_words import ROWS_PER_TOKEN

KINDS = ("company", "contact", "inquiry", "lead")
MAX_READ = 2_000  # of the newest inquiries, for words that are gone from others
# Made once the table is filled: to sort the words in one entry after another takes much longer.
#
# What is new waits in a short list, which a search reads through: to sort each word of an inquiry
# in by itself would cost more than all else that is done for it.
INDEX = """
CREATE INDEX IF NOT EXISTS leads_search_{kind}_words ON leads_search_{kind}
    USING gin (words) WITH (fastupdate = on, gin_pending_list_limit = 256)"""
TABLES = f"""
CREATE TABLE leads_search_{{kind}} (id bigint PRIMARY KEY, words tsvector NOT NULL);

-- The newest rows that say it, at most so many: first among the last few thousand rows, so that of
-- a word that most of them say few are looked at. The planner would rather read them all, in their
-- order or not.
CREATE FUNCTION leads_search_newest_{{kind}}(asked tsquery, most integer)
    RETURNS TABLE (id bigint) LANGUAGE plpgsql STABLE ROWS 100
    SET enable_seqscan = off AS $$
DECLARE
    latest bigint := COALESCE((SELECT max(entry.id) FROM leads_search_{{kind}} entry), 0)
        / {ROWS_PER_TOKEN};
    width bigint := 2;
    narrowed tsquery;
    those bigint[];
BEGIN
    LOOP
        narrowed := asked;
        IF width <= latest THEN
            SELECT asked && string_agg(format('''#%s''', number), '|')::tsquery INTO narrowed
            FROM generate_series(latest - width + 1, latest) number;
        END IF;
        those := ARRAY(
            SELECT said.id FROM (
                SELECT entry.id FROM leads_search_{{kind}} entry WHERE words @@ narrowed OFFSET 0
            ) said
            ORDER BY said.id DESC LIMIT most
        );
        EXIT WHEN width > latest OR cardinality(those) >= most;
        width := CASE WHEN width >= 32 THEN latest + 1 ELSE width * 4 END;
    END LOOP;
    RETURN QUERY SELECT unnest(those);
END $$;

CREATE FUNCTION leads_search_{{kind}}_again(this bigint, is_new boolean = false)
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    whole tsvector;
    learned tsvector;
    part tsvector;
BEGIN
    -- Held first: of two who change what it is made of, the second sees what the first did.
    IF NOT is_new THEN
        INSERT INTO leads_search_{{kind}} VALUES (this, '') ON CONFLICT (id) DO NOTHING;
        PERFORM FROM leads_search_{{kind}} WHERE id = this FOR UPDATE;
    END IF;
    {{made}}
    IF whole IS NULL THEN
        DELETE FROM leads_search_{{kind}} WHERE id = this;
        RETURN;
    END IF;
    INSERT INTO leads_search_{{kind}} AS entry VALUES (this, whole || leads_search_tokens(this))
        ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words WHERE entry.words <> EXCLUDED.words;
    IF FOUND THEN
        PERFORM leads_search_learn(learned);
    END IF;
END $$;

CREATE TRIGGER leads_search_{{kind}}_loses AFTER UPDATE ON leads_search_{{kind}}
    FOR EACH ROW WHEN (ts_delete(OLD.words, tsvector_to_array(NEW.words)) <> '')
    EXECUTE FUNCTION leads_search_loses();
CREATE TRIGGER leads_search_{{kind}}_goes AFTER DELETE ON leads_search_{{kind}}
    FOR EACH ROW WHEN (OLD.words <> '') EXECUTE FUNCTION leads_search_loses();
"""
# What an entry is made of: `whole`, and of it what no other entry has `learned`.
MADE = {
    "company": """
    SELECT leads_search_vector(concat_ws(E'\\n', name, domain), 'A')
    INTO whole FROM leads_company WHERE id = this;
    learned := whole;""",
    "contact": """
    SELECT leads_search_vector(concat_ws(E'\\n', contact.name, contact.email), 'A')
        || leads_search_vector(concat_ws(E'\\n',
            contact.phone, contact.job_title, company.name, company.domain), 'B')
    INTO whole FROM leads_contact contact
        LEFT JOIN leads_company company ON company.id = contact.company_id
    WHERE contact.id = this;
    learned := whole;""",
    "inquiry": """
    SELECT leads_search_vector(concat_ws(E'\\n', name, email), 'A')
        || leads_search_vector(company, 'B')
        || leads_search_vector(message, 'C')
        || leads_search_vector(concat_ws(E'\\n',
            source_path, referrer_host, utm_source, utm_medium, utm_campaign), 'D')
        || array_to_tsvector(array_remove(ARRAY['@' || article_id], NULL))
    INTO whole FROM leads_inquiry WHERE id = this;
    IF whole IS NOT NULL THEN
        BEGIN
            FOR part IN
                SELECT leads_search_vector(text, 'C')
                FROM leads_brief, unnest(ARRAY[title, context, interfaces, acceptance_criteria,
                    out_of_scope, definition_of_done, constraints]) text
                WHERE inquiry_id = this AND text <> ''
            LOOP
                whole := whole || part;
            END LOOP;
        EXCEPTION WHEN program_limit_exceeded THEN NULL;
        END;
    END IF;
    learned := whole;""",
    # The newest first: the limit is a megabyte of words.
    "lead": f"""
    SELECT COALESCE(ts_delete(contact.words, leads_search_token(contact.id)), ''),
        leads_search_vector(concat_ws(' ', lead.lost_because, lead.lost_reason), 'C')
    INTO whole, learned FROM leads_lead lead
        LEFT JOIN leads_search_contact contact ON contact.id = lead.contact_id
    WHERE lead.id = this;
    IF whole IS NOT NULL THEN
        BEGIN
            FOR part IN
                SELECT leads_search_vector(text, 'C') FROM (
                    SELECT text FROM leads_nextstep WHERE lead_id = this
                    UNION ALL (
                        SELECT text FROM leads_activity
                        WHERE lead_id = this AND {SAYS_MORE.format(this="leads_activity")}
                        ORDER BY id DESC
                    )
                ) texts
            LOOP
                learned := learned || part;
            END LOOP;
            whole := whole || learned;
            FOR part IN
                SELECT ts_delete(entry.words, leads_search_token(entry.id))
                FROM leads_search_inquiry entry JOIN leads_inquiry ON leads_inquiry.id = entry.id
                WHERE leads_inquiry.lead_id = this AND (
                    NOT EXISTS (SELECT FROM leads_spammark WHERE inquiry_id = entry.id)
                    OR NOT EXISTS (
                        SELECT FROM leads_inquiry other WHERE other.lead_id = this AND NOT EXISTS (
                            SELECT FROM leads_spammark WHERE inquiry_id = other.id
                        )
                    )
                )
                ORDER BY entry.id DESC
            LOOP
                whole := whole || part;
            END LOOP;
        EXCEPTION WHEN program_limit_exceeded THEN NULL;
        END;
    END IF;""",
}
FORGETS = """
-- What entries have lost in this transaction. No row outlives it, so that nobody sees another's.
CREATE UNLOGGED TABLE leads_search_gone (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words tsvector NOT NULL
);

CREATE FUNCTION leads_search_loses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_search_gone (words) VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.words
        ELSE ts_delete(OLD.words, tsvector_to_array(NEW.words)) END);
    RETURN NULL;
END $$;

-- All that the transaction took away at once, so that no word is asked for twice. The planner would
-- rather read the tables whole.
CREATE FUNCTION leads_search_forgets() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET jit = off AS $$
DECLARE
    rest text[];
BEGIN
    IF NOT EXISTS (SELECT FROM leads_search_gone WHERE id = NEW.id) THEN
        RETURN NULL;
    END IF;
    -- Of two who take away the last two entries with a word, the second sees what the first did.
    PERFORM pg_advisory_xact_lock(hashtext('leads_search_forgets'));
    WITH gone AS (DELETE FROM leads_search_gone RETURNING words)
    SELECT COALESCE(array_agg(DISTINCT vocabulary.word), '{{}}') INTO rest
    FROM (SELECT DISTINCT unnest(tsvector_to_array(words)) AS word FROM gone) lost
        JOIN leads_search_vocabulary vocabulary USING (word);
    -- Most are said by one of the newest, and to read an entry costs less than to ask for a word.
    rest := ARRAY(
        SELECT unnest(rest) EXCEPT SELECT unnest(tsvector_to_array(newest.words)) FROM (
            SELECT words FROM leads_search_inquiry ORDER BY id DESC
            LIMIT LEAST(cardinality(rest), {max_read})
        ) newest
    );
    {asked}
    DELETE FROM leads_search_vocabulary WHERE word = ANY (rest);
    RETURN NULL;
END $$;
-- At the end of the transaction: by then every entry is as it will be.
CREATE CONSTRAINT TRIGGER leads_search_forgets AFTER INSERT
    ON leads_search_gone DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION leads_search_forgets();
"""
ASKED = """rest := ARRAY(
        SELECT word FROM unnest(rest) word WHERE NOT EXISTS (
            SELECT FROM leads_search_{kind} WHERE words @@ format('''%s''', word)::tsquery OFFSET 0
        )
    );"""
SAYS = """
-- The lead's entry with the words of an inquiry that has just come: they only have to be added,
-- unless there is spam among its inquiries, or the entry is full.
CREATE FUNCTION leads_search_lead_more(this bigint, inquiry bigint) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM leads_spammark JOIN leads_inquiry ON leads_inquiry.id = inquiry_id
        WHERE lead_id = this
    ) THEN
        PERFORM leads_search_lead_again(this);
        RETURN;
    END IF;
    UPDATE leads_search_lead SET words = leads_search_lead.words || (
        SELECT ts_delete(entry.words, leads_search_token(inquiry))
        FROM leads_search_inquiry entry WHERE entry.id = inquiry
    ) WHERE id = this;
EXCEPTION WHEN program_limit_exceeded THEN
    PERFORM leads_search_lead_again(this);
END $$;

-- The leads' entries with a text that has just come, read once for all of them. They may be full.
CREATE FUNCTION leads_search_leads_say(leads bigint[], said text) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    learned tsvector;
BEGIN
    learned := leads_search_vector(said, 'C');
    -- Whoever makes one at this moment does not see the text yet: it is waited for.
    INSERT INTO leads_search_lead SELECT lead, '' FROM unnest(leads) lead ORDER BY lead
        ON CONFLICT (id) DO NOTHING;
    IF FOUND THEN
        PERFORM leads_search_lead_again(lead) FROM (
            SELECT lead FROM unnest(leads) lead ORDER BY lead
        ) those;
        RETURN;
    END IF;
    UPDATE leads_search_lead SET words = words || learned WHERE id = ANY (leads);
    PERFORM leads_search_learn(learned);
EXCEPTION WHEN program_limit_exceeded THEN
    PERFORM leads_search_lead_again(lead) FROM (
        SELECT lead FROM unnest(leads) lead ORDER BY lead
    ) those;
END $$;

-- Whether any entry says it. Most words are said by one of the newest.
CREATE FUNCTION leads_search_says(asked tsquery) RETURNS boolean
    LANGUAGE sql STABLE SET enable_seqscan = off AS $$
    SELECT EXISTS (SELECT FROM leads_search_newest_lead(asked, 1))
        OR EXISTS (SELECT FROM leads_search_newest_contact(asked, 1))
        OR EXISTS (SELECT FROM leads_search_newest_company(asked, 1))
        OR EXISTS (SELECT FROM leads_search_newest_inquiry(asked, 1))
$$;
"""


@cache
def definition() -> str:
    """All of it, in an order in which it can be made."""
    # The leads first: their entries have most of what the others have.
    asked = "\n    ".join(ASKED.format(kind=kind) for kind in reversed(KINDS))
    return "".join(
        [
            postgresql_words.definition(),
            FORGETS.format(max_read=MAX_READ, asked=asked),
            *(TABLES.format(kind=kind, made=MADE[kind]) for kind in KINDS),
            SAYS,
            postgresql_triggers.definition(),
        ]
    )
