"""What a brief leaves open, in plain words. Hints: they never block anything.

The rules are those on ambiguous words of ISO/IEC/IEEE 29148:2018, section 5.2.7 (subjective
language, ambiguous adverbs and adjectives, open-ended terms, loopholes, comparatives), and of
INCOSE's Guide to Writing Requirements, version 4: R7 vague terms, R8 escape clauses, R9 open-ended
clauses, R17 "and/or", R26 absolutes, R34 measurable performance, R37 acronyms. Looking for words
finds what is no fault, too: Femmer and others, "Rapid quality assurance with Requirements Smells"
(Journal of Systems and Software 123, 2017), found 59 % of such findings to be right. So each rule
here is narrower than its source: a number with a unit takes away a vague word's sting, words in
quotation marks and code are left alone, what is often wrong looks at the acceptance criteria only,
and what is wrong most of the time (the passive voice, pronouns, negations, each "all") is left out.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from string import ascii_lowercase, ascii_uppercase

from leads.briefs.sections import SECTIONS, Criterion, plain_criteria
from leads.briefs.vocabulary import KNOWN_CAPITALS, OUTCOME_VERBS
from leads.models import Brief

READ = 10_000  # characters of each section; what follows is not looked at
MAX_IN_A_SECTION = 8  # more would not be read; the rest shows once these are fixed
# So many names are looked up in the other sections. Nobody's criteria need more.
MAX_TERMS = 50

CRITERIA = frozenset({"acceptance_criteria"})
DONE = frozenset({"acceptance_criteria", "definition_of_done"})
# What is agreed, as against what is told.
AGREED = frozenset({"interfaces", "acceptance_criteria", "definition_of_done", "constraints"})
HEADINGS = {section.name: section.heading for section in SECTIONS}
EVERYWHERE = frozenset(HEADINGS)


@dataclass(frozen=True)
class Finding:
    """One thing to look at: the visitor's words, and those around them; none if it is missing."""

    section: str
    advice: str
    words: str = ""
    before: str = ""
    after: str = ""
    count: int = 1
    at: int = 0

    @property
    def heading(self) -> str:
        return HEADINGS[self.section]

    @property
    def quote(self) -> str:
        return f"{self.before}{self.words}{self.after}"


@dataclass(frozen=True)
class Rule:
    """What to look for, in small letters unless it `is_cased`, and what to say of it."""

    pattern: re.Pattern[str]
    advice: str
    sections: frozenset[str] = EVERYWHERE
    is_measurable: bool = False  # a number with a unit beside it says what is meant
    unless: re.Pattern[str] | None = None  # found in the same sentence, in small letters
    is_cased: bool = False


def stored_findings(brief: Brief) -> list[Finding]:
    """The findings of a saved brief, made once and kept with it: its words never change."""
    if brief.findings is None:
        brief.findings = [asdict(one) for one in findings(brief)]
        Brief.objects.filter(pk=brief.pk).update(findings=brief.findings)
    return [Finding(**one) for one in brief.findings]


def findings(brief: Brief) -> list[Finding]:
    """What to look at, in the order of the brief. The same words count once in a section.

    The cost is linear in what is typed: each pattern is looked for once on a line, `READ`
    characters of each section are looked at, and a section gets at most eight findings.
    """
    texts = [Text(section.name, getattr(brief, section.name)) for section in SECTIONS]
    strangers = _undefined_acronyms(brief.title, texts)
    found: list[Finding] = []
    for section, text in zip(SECTIONS, texts, strict=True):
        if not text.words.strip():
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
        key = (one.advice, " ".join(one.words.lower().split()))
        once[key] = replace(once[key], count=once[key].count + 1) if key in once else one
    return list(once.values())


# The text, and places in it

_LEFT_ALONE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)|\Z)"  # a block of code
    r"|`[^`\n]{0,300}`|\"[^\"\n]{0,300}\"|“[^”\n]{0,300}”|«[^»\n]{0,300}»"
    r"|\bhttps?://[^\s<>]+",
    re.MULTILINE | re.DOTALL,
)
# One letter for one: `str.lower` makes two of some.
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)
_SENTENCE_END = re.compile(r"(?<=[.!?;])[ \t]+|\n")
_LINE_END = re.compile(r"\n")


class Text:
    """One section: as typed, and with what is quoted or code blanked out, at the same places."""

    def __init__(self, section: str, text: str) -> None:
        self.section = section
        # One letter for one, so that places stay the same.
        self.words = text[:READ].replace("\r\n", " \n").replace("\r", "\n")
        self.plain = _LEFT_ALONE.sub(lambda found: _blank(found[0]), self.words)
        self.small = self.plain.translate(_SMALL)
        self.lines = [0, *(end.end() for end in _LINE_END.finditer(self.plain))]
        self.sentences = [0, *(end.end() for end in _SENTENCE_END.finditer(self.plain))]
        self._has: dict[tuple[re.Pattern[str], int, int], bool] = {}

    def around(self, at: int, starts: list[int]) -> tuple[int, int]:
        """Where the line or the sentence that holds this place begins and ends."""
        number = bisect_right(starts, at)
        end = starts[number] if number < len(starts) else len(self.plain)
        return starts[number - 1], end

    def has(
        self, pattern: re.Pattern[str], at: int, starts: list[int], *, is_cased: bool = False
    ) -> bool:
        """Whether the pattern is on the line or in the sentence that holds this place.

        Looked for once in each, however many places ask: a line may have thousands of them.
        """
        first, last = self.around(at, starts)
        key = (pattern, first, last)
        if key not in self._has:
            text = self.plain if is_cased else self.small
            self._has[key] = bool(pattern.search(text, first, last))
        return self._has[key]

    def finding(self, advice: str, start: int, end: int) -> Finding:
        first, last = self.around(start, self.sentences)
        before = self.words[max(first, start - 28) : start]
        after = self.words[end : min(last, end + 28)]
        if start - 28 > first:
            before = before.partition(" ")[2]
        if end + 28 < last:
            after = after.rpartition(" ")[0]
        return Finding(
            self.section,
            advice,
            self.words[start:end].strip(),
            before.lstrip("-*•,;:( \t"),
            after.rstrip(",;:) \t\n"),
            at=start,
        )


def _blank(found: str) -> str:
    return "".join(letter if letter == "\n" else " " for letter in found)


# Words and phrases


def _words(*phrases: str) -> re.Pattern[str]:
    """Any of these as whole words. A blank stands for blanks, or for a hyphen."""
    either = "|".join(phrase.replace(" ", r"(?:[ \t]{1,9}|-)") for phrase in phrases)
    return re.compile(rf"(?<![\w-])(?:{either})(?![\w-])")


_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
)
_A_YEAR_OR_EACH = re.compile(r"\b20\d\d\b|\b(?:every|each|yearly|annually)\b")
_THEN = re.compile(r"\bthen\b")

RULES = (
    # What is not known yet
    Rule(
        _words(
            "TBD", "tbd", "TBC", "tbc", "TBA", "tba", "TBR", "TODO",
            "[Tt]o be (?:decided|determined|discussed|clarified|announced)",
            "(?:still|yet) to be (?:defined|confirmed|agreed)",
            r"(?:is|are) to be (?:defined|confirmed|agreed)(?=\s{0,9}?(?:[.,;)!\n]|$))",
        ),
        "This is still open. Say who decides and by when, or what to assume if nobody does.",
        is_cased=True,
    ),
    Rule(
        re.compile(r"\?{2,99}"),
        "This is still open. Write out the question and who can answer it.",
    ),
    # R9, open-ended clauses, and R17
    Rule(
        re.compile(
            r"(?<![\w/])(?:etc\b(?!/)\.?|et cetera\b|and so on\b|and so forth\b|and the like\b|"
            r"(?:including )?but (?:is |are )?not limited to\b)"
        ),
        "Everyone will continue this list differently. Name the rest, or end the list.",
    ),
    Rule(
        re.compile(r"(?<=\w),[ \t]?(?:\.\.\.|…)"),
        "Everyone will continue this list differently. Name the rest, or end the list.",
    ),
    Rule(
        _words("such as"),
        "Are these examples or the whole list? If it is the whole list, name everything.",
        CRITERIA,
    ),
    Rule(
        re.compile(r"(?<![\w/])(?:and/or|or/and)(?![\w/])"),
        "Both, or only one? Write “and”, “or”, or “one or both”.",
    ),
    # R8, escape clauses
    Rule(
        _words(
            "(?:as|if|when|where) (?:needed|necessary|appropriate|applicable|possible|practicable|"
            "feasible)",
            "as far as possible", "as (?:much|little|many|few) as possible",
            "to the extent possible", "best effort", "if (?:time|budget|the budget) "
            "(?:allows|permits)", "if there is (?:still )?time",
        ),
        "Who decides that? Say when it applies, or leave it out.",
        AGREED | {"out_of_scope"},
    ),
    Rule(
        _words("nice to have", "ideally", "preferably"),
        "Is this part of the work? If not, put it under “Out of scope”, or say which wishes come "
        "first.",
        AGREED,
    ),
    # R7 and R34: time
    Rule(
        _words(
            "asap", "as (?:soon|quickly|fast) as possible", r"(?<!as\s)(?<!how\s)soon(?!\sas)",
            "in a timely manner", "timely", "promptly", "in due course",
        ),
        "By when? Give a date, or a number with a unit.",
        is_measurable=True,
    ),
    Rule(
        _words(
            "fast", "(?:is|be|very) quick", "quickly", "snappy", "rapid", "rapidly", "performant",
            "(?:high|good|great) performance", "low latency", "(?:near )?real time", "instant",
            "instantly", "instantaneous(?:ly)?", "immediately", "without delay",
        ),
        "How fast? Give a number and a unit, such as “within 2 seconds for 95 of 100 requests”.",
        is_measurable=True,
    ),
    Rule(
        _words(
            "(?:too|very|so|quite|painfully|really|is|are|gets?|becomes?) slow", "slowly",
        ),
        "How slow? Say how long it takes now, and how long it may take.",
        is_measurable=True,
    ),
    # R7: size
    Rule(
        _words(
            "scalable", "scalability", "scales? well", "web scale",
            "(?:high|heavy) (?:volumes?|traffic|load)", "huge amounts?",
            "large (?:volumes?|amounts?|numbers?|quantities)", "lots of", "a lot of", "tons of",
        ),
        "How much? Give a number and a unit: how many a day now, and how many in two years.",
        is_measurable=True,
    ),
    Rule(
        _words(
            "several", r"(?<!how\s)(?<!as\s)many", "a few", "some", "various", "most of",
            "most (?:users|customers|orders|cases|requests|pages|people)", "numerous",
        ),
        "How many, or which ones? Give the number, or name them.",
        CRITERIA,
        is_measurable=True,
    ),
    # R7 and subjective language: ease and looks
    Rule(
        _words(
            "user friendly", "easy to (?:use|learn|understand|read|maintain|extend|change)",
            "easily (?:used|learned|understood|maintained|extended|changed)",
            "(?:simple|straightforward) to use", "ease of use", "intuitive", "intuitively",
            "seamless", "seamlessly", "smooth", "smoothly", "world class", "cutting edge",
            "good (?:ux|usability)",
        ),
        "People will disagree about this. Say who does what, how fast, and without whose help.",
        is_measurable=True,
    ),
    Rule(
        _words("modern", "state of the art", "elegant", "slick", "look and feel"),
        "People will disagree about this. Give an example, or say what must be there.",
        AGREED,
    ),
    # R7: trust
    Rule(
        _words(
            "robust", "robustly", "robustness", "reliable", "reliably", "resilient", "resiliently",
            "fault tolerant", "highly available", "high availability", "bulletproof", "rock solid",
        ),
        "Against what? Name what may fail and what happens then, such as “no order is lost, and "
        "it is back within 10 minutes”.",
        is_measurable=True,
    ),
    Rule(
        _words(
            "(?:is|are|be|very|highly|fully|completely|kept) secure", "securely", "good security",
        ),
        "Against whom? Say who may see and do what, and how you will check it.",
    ),
    Rule(
        _words(
            "(?:high|good|top|best|great) quality", "production (?:ready|quality|grade)",
            "enterprise (?:ready|grade)", "best practices?", "industry standards?", "clean code",
            "well (?:tested|documented|designed)", "properly (?:tested|documented|integrated)",
            "maintainable", "extensible", "future proof",
        ),
        "How will you tell? Name the check: which tests, which document, whose review.",
        is_measurable=True,
    ),
    Rule(
        _words(
            "efficient", "efficiently", "optimal", "optimally", "optimi[sz]ed", "lightweight",
            "sufficient", "sufficiently", "adequate", "adequately", "acceptable", "acceptably",
            "reasonable", "reasonably", "appropriate", "appropriately", "suitable", "suitably",
            "good enough", "significant", "significantly", "substantial", "substantially",
            "minimal", "gracefully",
        ),
        "Where is the line? Say what is enough, with a number or an example.",
        AGREED,
        is_measurable=True,
    ),
    # Ambiguous adverbs
    Rule(
        _words(
            "regularly", "periodically", "occasionally", "frequently", r"(?<!how\s)often",
            "sometimes", "usually", "normally", "generally", "typically", "mostly",
            "from time to time", "eventually", "in most cases",
        ),
        "How often, or when not? Give a number, or name the exceptions.",
        AGREED,
        is_measurable=True,
    ),
    # Comparatives
    Rule(
        _words(
            "faster", "quicker", "slower", "better", "easier", "simpler", "smoother", "nicer",
            "improved", "more (?:reliable|stable|efficient|readable|secure|usable)",
        ),
        "Compared to what? Say how it is now and how it must be.",
        CRITERIA,
        is_measurable=True,
    ),
    # R26, absolutes: only those that nobody can keep or check
    Rule(
        _words(
            "(?:bug|error) free", "(?:no|zero|without|without any) (?:bugs|defects)",
            "never (?:fails?|crash(?:es)?|breaks?|goes down)",
            "always (?:available|up|online|works?)", "(?:zero|no) downtime",
            "100 ?% (?:uptime|available|availability|secure|reliable)",
            "all (?:possible )?(?:browsers|devices|platforms|cases|circumstances|situations|"
            "scenarios|edge cases)",
            "any (?:browser|device|platform|circumstances|situation)",
            r"everything(?!\s(?:else|that|in|on|listed|above|below|we|you))",
        ),
        "Nobody can promise or check that. Say what is tried, how often, and what may go wrong.",
        DONE | {"constraints"},
        is_measurable=True,
    ),
    # Criteria that nobody could test
    Rule(
        _words(
            "works? (?:correctly|properly|well|fine|smoothly|as (?:expected|intended|designed|it "
            "should)|without (?:any )?(?:problems?|issues?))",
            r"(?:should|must|shall|will) (?:just )?work(?=\s{0,9}?(?:[.,;!\n]|$))",
            "(?:is|are) working (?:correctly|properly|well|fine)",
            "behaves? (?:correctly|properly|well|as (?:expected|intended))",
            "(?:handles?|handled|processed|displayed|shown|imported|exported|integrated) "
            "(?:correctly|properly)",
            "looks? (?:good|nice|great|right|fine|professional)",
        ),
        "What will you see when it works? Describe one test: what you do, and what happens.",
        DONE,
    ),
    Rule(
        _words(
            "(?:we|users?|customers?|clients?|everyone|everybody|team|stakeholders?|they|i) "
            "(?:are|is|am|feel|feels) (?:happy|satisfied|pleased|confident)",
            "to (?:our|my|the client's|their) (?:full |complete )?satisfaction",
            "meets? (?:all |all of )?(?:our|my|the|their) (?:needs|expectations|requirements)",
        ),
        "Who decides, and how? Turn it into something a stranger could check.",
        DONE,
    ),
    # Weak words in what must hold. May, the month, has a capital, and "may not" forbids.
    Rule(
        _words("should", "could", "might", r"may(?!\snot)"),
        "Is this required, or a wish? Write “must”, or state a fact: “the export contains …”.",
        CRITERIA,
        is_cased=True,
        unless=_THEN,  # as scenarios are often written: "Then I should see …"
    ),
    # Dates that depend on when they are read
    Rule(
        re.compile(
            rf"(?<!\w)(?:\d{{1,2}}(?:st|nd|rd|th)?[ \t](?:of[ \t])?(?:{_MONTHS})|"
            rf"(?:{_MONTHS})[ \t]\d{{1,2}}(?:st|nd|rd|th)?|"
            r"(?:[Bb]y|[Uu]ntil|[Bb]efore|[Ee]nd[ \t]of|[Ll]ate|[Ee]arly|[Mm]id)[ \t-]"
            rf"(?:{_MONTHS})|"
            r"Q[1-4])(?![\w:])"
        ),
        "Which year? Briefs are read later than they are written.",
        is_cased=True,
        unless=_A_YEAR_OR_EACH,
    ),
    Rule(
        re.compile(r"(?<![\w./-])(?:0?[1-9]|1[0-2])/(?:0?[1-9]|1[0-2])/(?:\d{4}|\d{2})(?![\w/])"),
        "Does the day or the month come first? Write it as 2027-04-03, or spell out the month.",
    ),
    Rule(
        _words(
            "next (?:week|month|quarter|year|sprint|spring|summer|autumn|fall|winter)",
            "(?:by|before|at|until) (?:the )?end of (?:the |this )?(?:week|month|quarter|year)",
            "(?:by|until|before) (?:tomorrow|monday|tuesday|wednesday|thursday|friday|christmas)",
        ),
        "Which date is that? Briefs are read later than they are written.",
        frozenset({"constraints", "definition_of_done"}),
        unless=_A_YEAR_OR_EACH,
    ),
)  # fmt: skip

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
    if criterion.goes_on or text.words[at : at + len(first)] != first:
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
    elsewhere = " ".join(other.words for other in texts if other is not text).lower()
    known: dict[str, bool] = {}
    for match in _TERM.finditer(text.plain):
        term = match[1].lower()
        if term not in known:
            if len(known) == MAX_TERMS:
                return
            known[term] = term in elsewhere
        if not known[term]:
            yield text.finding(UNKNOWN_TERM, *match.span(1))


# Acronyms

_ACRONYM = re.compile(r"(?<![\w./&@#-])([A-Z]{2,6})s?(?![\w&@-])(?!\.\w|/\w)")
_SHOUTED = re.compile(r"[A-Z]{2,}[^a-z\n]{1,40}[A-Z]{4,}")
UNKNOWN_ACRONYM = (
    "Not everyone knows this abbreviation. Spell it out once, with the letters in parentheses."
)


def _undefined_acronyms(title: str, texts: list[Text]) -> list[Finding]:
    """R37: each that is neither well known nor explained, where it first appears."""
    explained = _explained("\n".join([title, *(text.words for text in texts)]))
    found: dict[str, Finding] = {}
    for text in texts:
        for match in _ACRONYM.finditer(text.plain):
            name = match[1]
            if name in found or name in KNOWN_CAPITALS or name in explained:
                continue
            if len(found) == MAX_IN_A_SECTION:
                return list(found.values())
            if not text.has(_SHOUTED, match.start(), text.lines, is_cased=True):
                found[name] = text.finding(UNKNOWN_ACRONYM, *match.span(1))
    return list(found.values())


_EXPLAINED = (
    re.compile(r"\(([A-Z]{2,6})s?\b"),
    re.compile(
        r"\b([A-Z]{2,6})s? ?(?:\(|=|:|–|—|- |, (?:our|the|an?|which|who)\b|"
        r"(?:is|are) (?:our|the|an?|short)\b| (?:means?|stands? for)\b)"
    ),
    re.compile(
        r"\b(?:status|state|value|flag|type|mode|level|code|set to|changes to|marked|marked as|"
        r"becomes|is|called|named) (?=([A-Z]{2,6})\b)"
    ),
)


def _explained(whole: str) -> set[str]:
    """Those written out beside it, or said what they are; or values, as in "status PAID"."""
    return {match[1] for pattern in _EXPLAINED for match in pattern.finditer(whole)}


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
    if _NONE.match(text.words):
        return
    if not _FORM.search(text.words):
        yield Finding(text.section, NO_FORM)
    if not _OWNER.search(text.words):
        yield Finding(text.section, NO_OWNER)


# The whole

MUCH = 80  # words
NO_NUMBER = (
    "This brief has no numbers. How many, how often, how fast, by when? Two or three say more "
    "than a page."
)


def _says_much_without_a_number(texts: list[Text]) -> bool:
    whole = " ".join(text.words for text in texts)
    return len(whole.split()) >= MUCH and not any(letter.isdigit() for letter in whole)
