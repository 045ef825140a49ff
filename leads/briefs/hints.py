"""What a brief leaves open, in plain words. Hints: they never block anything.

Looking for words finds what is no fault, too: Femmer and others, "Rapid quality assurance with
Requirements Smells" (Journal of Systems and Software 123, 2017), found 59 % of such findings to be
right. So words in quotation marks and code are left alone, and what is wrong most of the time (the
passive voice, pronouns, negations, each "all") is left out.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace

from leads.briefs import acronyms
from leads.briefs.phrases import AGREED, RULES
from leads.briefs.section_text import MAX_IN_A_SECTION, Finding, Text
from leads.briefs.sections import SECTIONS, Criterion, plain_criteria
from leads.briefs.vocabulary import OUTCOME_VERBS
from leads.models import Brief

# So many names are looked up in the other sections. Nobody's criteria need more.
MAX_TERMS = 50


def stored_findings(brief: Brief) -> list[Finding]:
    """The findings of a saved brief, made once and kept with it: its words never change."""
    if brief.findings is None:
        brief.findings = [asdict(one) for one in findings(brief)]
        Brief.objects.filter(pk=brief.pk).update(findings=brief.findings)
    return [Finding(**one) for one in brief.findings]


def findings(brief: Brief) -> list[Finding]:
    """What to look at, in the order of the brief. The same words count once in a section.

    The cost is linear in what is typed: each pattern is looked for once on a line, `MAX_READ`
    characters of each section are looked at, and a section gets at most eight findings.
    """
    texts = [Text(section.name, getattr(brief, section.name)) for section in SECTIONS]
    strangers = acronyms.unexplained(brief.title, texts)
    found: list[Finding] = []
    for section, text in zip(SECTIONS, texts, strict=True):
        if not text.typed.strip():
            found.append(Finding(section.name, section.missing))
            continue
        here = [*_by_rules(text), *(one for one in strangers if one.section == text.section)]
        if text.section == "acceptance_criteria":
            here += [*_no_outcome(text), *_undefined_terms(text, texts)]
        if text.section == "interfaces":
            here += _open_interfaces(text)
        found += _each_once(here)[:MAX_IN_A_SECTION]
    if _says_much_without_a_number(texts):
        found.append(Finding("acceptance_criteria", NO_NUMBER))
    order = {section.name: place for place, section in enumerate(SECTIONS)}
    return sorted(found, key=lambda one: (order[one.section], one.at))


def _each_once(here: Iterable[Finding]) -> list[Finding]:
    once: dict[tuple[str, str], Finding] = {}
    for one in sorted(here, key=lambda one: one.at):
        key = (one.advice, " ".join(one.phrase.lower().split()))
        once[key] = replace(once[key], count=once[key].count + 1) if key in once else one
    return list(once.values())


# Words and phrases

_NUMBER = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|"
    r"(?:a )?hundred|(?:a )?thousand|(?:a )?million|half an?|an?)"
)
_TIME = r"(?:milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b"
# A number and its unit, or what it counts. A version, such as "Python 3.12", measures nothing.
_MEASURE = re.compile(
    rf"(?<![\w.])(?:{_NUMBER}[ -]{_TIME}|p\d\d\b|[€£$][ ]?\d|"
    rf"\d[\d.,]{{0,20}}(?:[ -]?(?:[%‰€£$]|{_TIME}|"
    r"(?:ms|s|secs?|mins?|h|hrs?|d|[kmgt]i?b|k|rps|qps|fps|px|percent|per[ ]cent)\b)|"
    r"[ ](?:[a-z-]{1,30}[ ])?[a-z-]{2,30}s\b))"
)


def _by_rules(text: Text) -> Iterator[Finding]:
    # What is agreed is often one item a line; a story has several sentences on one.
    starts = text.lines if text.section in AGREED else text.sentences
    for rule in RULES:
        if text.section not in rule.sections:
            continue
        for match in rule.pattern.finditer(text.plain if rule.is_cased else text.small):
            if rule.is_measurable and text.has(_MEASURE, match.start(), starts):
                continue
            if rule.unless and text.has(rule.unless, match.start(), starts):
                continue
            yield text.finding(rule.advice, *match.span())


# Acceptance criteria

NO_OUTCOME = "This names a thing, not a check. Write what someone does and what they see."
_SAYS_MORE = re.compile(r"\d|:\s*$")  # a number, or a heading of what follows
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


def _no_outcome(text: Text) -> Iterator[Finding]:
    """Criteria of three words at most in which nothing happens, such as "CSV export"."""
    for criterion in plain_criteria(text.plain):
        if _is_thing(criterion, text):
            yield text.finding(NO_OUTCOME, criterion.at, criterion.at + len(criterion.first))


def _is_thing(criterion: Criterion, text: Text) -> bool:
    first, at = criterion.first, criterion.at
    # A line of code, or one that was quoted, says more than what is left of it here.
    if criterion.goes_on or text.typed[at : at + len(first)] != first:
        return False
    words = _WORD.findall(first.lower())
    is_short = 0 < len(words) <= 3 and not set(words) & OUTCOME_VERBS
    return is_short and not _SAYS_MORE.search(first)


_TERM = re.compile(
    r"\b(?:the|an?|each|every) (([A-Z][a-z]{1,30})(?: [A-Z][a-z]{1,30}){1,3})(?![\w-])"
)
UNKNOWN_TERM = "This name is not explained. Say what it is under “Context”."


def _undefined_terms(text: Text, texts: list[Text]) -> Iterator[Finding]:
    """Names of several words, such as "the Master Record", that no other section knows."""
    elsewhere = " ".join(other.typed for other in texts if other is not text).lower()
    known: dict[str, bool] = {}
    for match in _TERM.finditer(text.plain):
        term = match[1].lower()
        if term not in known:
            if len(known) == MAX_TERMS:
                return
            known[term] = term in elsewhere
        if not known[term]:
            yield text.finding(UNKNOWN_TERM, *match.span(1))


# Interfaces

_NONE = re.compile(r"\W*(?:none|nothing|no\b|n/?a\b)", re.IGNORECASE)
_FORM = re.compile(
    r"\b(?:https?|rest|json|ya?ml|xml|csv|tsv|xlsx?|excel|pdf|parquet|avro|protobuf|s?ftps?|ssh|"
    r"grpc|graphql|soap|odata|openapi|swagger|webhooks?|websockets?|amqp|mqtt|kafka|rabbitmq|sqs|"
    r"sns|redis|queues?|topics?|streams?|sql|postgres\w*|mysql|mariadb|sqlite|oracle|mongo\w*|"
    r"database|db|tables?|files?|e-?mails?|smtp|imap|apis?|endpoints?|edi(?:fact)?|"
    r"s3|buckets?|oauth\d?|saml|oidc|ldap|sdk|librar(?:y|ies)|events?|messages?|"
    r"library|cli|command line|spreadsheets?|jdbc|odbc|tcp|udp|serial|modbus|usb|paper)\b",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"\b(?:(?i:own(?:s|ed|er|ers)?|teams?|vendors?|suppliers?|providers?|partners?|departments?|"
    r"agency|compan(?:y|ies)|maintain\w*|run by|runs|hosted|looks? after|responsible|contacts?|"
    r"belongs?|ours?|theirs?|we|us|my|colleagues?|saas|public|open source|bank)|by [A-Z]\w+)\b"
)
NO_FORM = (
    "This doesn’t say how data comes and goes. Name the format and the transport, such as "
    "“JSON over HTTP” or “CSV files over SFTP”."
)
NO_OWNER = "Who owns these systems? Say who maintains each, and how fast they answer questions."


def _open_interfaces(text: Text) -> Iterator[Finding]:
    if _NONE.match(text.typed):
        return
    if not _FORM.search(text.typed):
        yield Finding(text.section, NO_FORM)
    if not _OWNER.search(text.typed):
        yield Finding(text.section, NO_OWNER)


# The whole

MUCH = 80  # words
NO_NUMBER = (
    "This brief has no numbers. How many, how often, how fast, by when? Two or three say more "
    "than a page."
)


def _says_much_without_a_number(texts: list[Text]) -> bool:
    whole = " ".join(text.typed for text in texts)
    return len(whole.split()) >= MUCH and not any(letter.isdigit() for letter in whole)
