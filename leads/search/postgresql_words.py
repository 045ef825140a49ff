"""How PostgreSQL reads a text for the index of sales: `plain.py` in SQL."""

import unicodedata
from collections.abc import Callable, Iterable
from unicodedata import combining

from leads.search.plain import CJK, DIGITS, MAX_NUMBER, MIN_DIGITS, MIN_NUMBER

ROWS_PER_TOKEN = 4096


def _ranges(codes: Iterable[int]) -> str:
    """These characters as a class of a regular expression."""
    pieces: list[list[int]] = []
    for code in codes:
        if pieces and pieces[-1][-1] == code - 1:
            pieces[-1] = [pieces[-1][0], code]
        else:
            pieces.append([code])
    return "".join("-".join(f"\\U{end:08x}" for end in piece) for piece in pieces)


# Further on nothing has a meaning yet, but a few characters that nobody sees.
LAST_LETTER, UNSEEN, MAX = 0x323AF, range(0xE0000, 0xE0200), 0x10FFFF
BEYOND = f"\\U{LAST_LETTER + 1:08x}-\\U{UNSEEN[0] - 1:08x}\\U{UNSEEN[-1] + 1:08x}-\\U{MAX:08x}"


def _beyond_ascii(wanted: Callable[[str, str], bool]) -> str:
    """The characters of which it holds, by what Unicode says of each: a category, and a letter."""
    letters = map(chr, [*range(0x80, LAST_LETTER + 1), *UNSEEN])
    return _ranges(ord(one) for one in letters if wanted(unicodedata.category(one), one))


SINGLE = "øłđðı\N{GREEK SMALL LETTER FINAL SIGMA}", "olddi\N{GREEK SMALL LETTER SIGMA}"
LETTERS_ALONE = "".join(one if one.isascii() else f"\\U{ord(one):08x}" for one in CJK)
ASCII_SIGNS = "".join(chr(code) for code in range(1, 128) if not chr(code).isalnum())
QUOTED_SIGNS = "".join(f"\\x{ord(sign):02x}" for sign in ASCII_SIGNS)


def definition() -> str:
    unseen = _beyond_ascii(lambda category, one: category == "Cf" or combining(one) != 0)
    signs = _beyond_ascii(lambda category, one: category[0] not in "LMN" and category != "Cs")
    return rf"""
CREATE TABLE leads_search_vocabulary (word text NOT NULL);
CREATE INDEX leads_search_vocabulary_word ON leads_search_vocabulary (word text_pattern_ops);
CREATE INDEX leads_search_vocabulary_letters
    ON leads_search_vocabulary USING gin (word gin_trgm_ops)
    WITH (gin_pending_list_limit = 256);

CREATE FUNCTION leads_search_plain(said text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE words text := said;
BEGIN
    IF octet_length(said) <> length(said) THEN
        words := lower(regexp_replace(normalize(said, NFKD), '[{unseen}]', '', 'g'));
        words := translate(words, '{SINGLE[0]}{DIGITS[0]}', '{SINGLE[1]}{DIGITS[1]}');
        words := replace(words, 'æ', 'ae');
        words := replace(words, 'œ', 'oe');
        words := replace(words, 'þ', 'th');
        words := replace(words, 'ß', 'ss');
        words := regexp_replace(normalize(words, NFC), '([{LETTERS_ALONE}])', ' \1 ', 'g');
        words := regexp_replace(words, '[{signs}{BEYOND}]', ' ', 'g');
    END IF;
    RETURN lower(translate(words, E'{QUOTED_SIGNS}', '{" " * len(ASCII_SIGNS)}'));
END $$;

CREATE FUNCTION leads_search_vector(said text, weight "char") RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text := leads_search_plain(said);
    words tsvector := setweight(to_tsvector('pg_catalog.simple', plain), weight);
BEGIN
    IF plain ~ '[0-9][0-9 ]{{{MIN_NUMBER - 2},}}[0-9]' THEN
        words := words || COALESCE((
            SELECT array_to_tsvector(array_agg(DISTINCT '+' || substr(number, start)))
            FROM (
                SELECT replace(matched[1], ' ', '') AS number FROM regexp_matches(
                    plain, '([0-9][0-9 ]{{{MIN_NUMBER - 2},{MAX_NUMBER - 2}}}[0-9])', 'g'
                ) matched
            ) numbers, generate_series(1, length(number) - {MIN_DIGITS - 1}) start
            WHERE length(number) >= {MIN_NUMBER}
        ), '');
    END IF;
    RETURN words;
END $$;

CREATE FUNCTION leads_search_learn(said tsvector) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_search_vocabulary (word)
        SELECT lexeme FROM unnest(tsvector_to_array(said)) lexeme
        WHERE lexeme ~ '^[[:alpha:]]{{3,32}}$'
            AND NOT EXISTS (SELECT FROM leads_search_vocabulary WHERE word = lexeme);
END $$;

CREATE FUNCTION leads_search_token(id bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT '#' || id / {ROWS_PER_TOKEN} $$;

CREATE FUNCTION leads_search_tokens(id bigint) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT array_to_tsvector(ARRAY[leads_search_token(id)]) $$;
"""
