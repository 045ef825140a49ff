"""Words and phrases that the writer and the reader of a brief may understand differently.

The rules are those on ambiguous words of ISO/IEC/IEEE 29148:2018, section 5.2.7 (subjective
language, ambiguous adverbs and adjectives, open-ended terms, loopholes, comparatives), and of
INCOSE's Guide to Writing Requirements, version 4: R7 vague terms, R8 escape clauses, R9 open-ended
clauses, R17 "and/or", R26 absolutes, R34 measurable performance. Each is narrower than its source:
a number with a unit takes away a vague word's sting, and what is often wrong looks at the
acceptance criteria only.
"""

import re
from dataclasses import dataclass

from leads.briefs.sections import SECTIONS

CRITERIA = frozenset({"acceptance_criteria"})
DONE = frozenset({"acceptance_criteria", "definition_of_done"})
# What is agreed, as opposed to background.
AGREED = frozenset({"interfaces", "acceptance_criteria", "definition_of_done", "constraints"})
_EVERYWHERE = frozenset(section.name for section in SECTIONS)


@dataclass(frozen=True)
class Rule:
    """What to look for, in small letters unless it `is_cased`, and what to say of it."""

    pattern: re.Pattern[str]
    advice: str
    sections: frozenset[str] = _EVERYWHERE
    is_measurable: bool = False  # a number with a unit beside it says what is meant
    unless: re.Pattern[str] | None = None  # found in the same sentence, in small letters
    is_cased: bool = False


def _any_of(*phrases: str) -> re.Pattern[str]:
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
        _any_of(
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
        _any_of("such as"),
        "Are these examples or the whole list? If it is the whole list, name everything.",
        CRITERIA,
    ),
    Rule(
        re.compile(r"(?<![\w/])(?:and/or|or/and)(?![\w/])"),
        "Both, or only one? Write “and”, “or”, or “one or both”.",
    ),
    # R8, escape clauses
    Rule(
        _any_of(
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
        _any_of("nice to have", "ideally", "preferably"),
        "Is this part of the work? If not, put it under “Out of scope”, or say which wishes come "
        "first.",
        AGREED,
    ),
    # R7 and R34: time
    Rule(
        _any_of(
            "asap", "as (?:soon|quickly|fast) as possible", r"(?<!as\s)(?<!how\s)soon(?!\sas)",
            "in a timely manner", "timely", "promptly", "in due course",
        ),
        "By when? Give a date, or a number with a unit.",
        is_measurable=True,
    ),
    Rule(
        _any_of(
            "fast", "(?:is|be|very) quick", "quickly", "snappy", "rapid", "rapidly", "performant",
            "(?:high|good|great) performance", "low latency", "(?:near )?real time", "instant",
            "instantly", "instantaneous(?:ly)?", "immediately", "without delay",
        ),
        "How fast? Give a number and a unit, such as “within 2 seconds for 95 of 100 requests”.",
        is_measurable=True,
    ),
    Rule(
        _any_of(
            "(?:too|very|so|quite|painfully|really|is|are|gets?|becomes?) slow", "slowly",
        ),
        "How slow? Say how long it takes now, and how long it may take.",
        is_measurable=True,
    ),
    # R7: size
    Rule(
        _any_of(
            "scalable", "scalability", "scales? well", "web scale",
            "(?:high|heavy) (?:volumes?|traffic|load)", "huge amounts?",
            "large (?:volumes?|amounts?|numbers?|quantities)", "lots of", "a lot of", "tons of",
        ),
        "How much? Give a number and a unit: how many a day now, and how many in two years.",
        is_measurable=True,
    ),
    Rule(
        _any_of(
            "several", r"(?<!how\s)(?<!as\s)many", "a few", "some", "various", "most of",
            "most (?:users|customers|orders|cases|requests|pages|people)", "numerous",
        ),
        "How many, or which ones? Give the number, or name them.",
        CRITERIA,
        is_measurable=True,
    ),
    # R7 and subjective language: ease and looks
    Rule(
        _any_of(
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
        _any_of("modern", "state of the art", "elegant", "slick", "look and feel"),
        "People will disagree about this. Give an example, or say what must be there.",
        AGREED,
    ),
    # R7: trust
    Rule(
        _any_of(
            "robust", "robustly", "robustness", "reliable", "reliably", "resilient", "resiliently",
            "fault tolerant", "highly available", "high availability", "bulletproof", "rock solid",
        ),
        "Against what? Name what may fail and what happens then, such as “no order is lost, and "
        "it is back within 10 minutes”.",
        is_measurable=True,
    ),
    Rule(
        _any_of(
            "(?:is|are|be|very|highly|fully|completely|kept) secure", "securely", "good security",
        ),
        "Against whom? Say who may see and do what, and how you will check it.",
    ),
    Rule(
        _any_of(
            "(?:high|good|top|best|great) quality", "production (?:ready|quality|grade)",
            "enterprise (?:ready|grade)", "best practices?", "industry standards?", "clean code",
            "well (?:tested|documented|designed)", "properly (?:tested|documented|integrated)",
            "maintainable", "extensible", "future proof",
        ),
        "How will you tell? Name the check: which tests, which document, whose review.",
        is_measurable=True,
    ),
    Rule(
        _any_of(
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
        _any_of(
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
        _any_of(
            "faster", "quicker", "slower", "better", "easier", "simpler", "smoother", "nicer",
            "improved", "more (?:reliable|stable|efficient|readable|secure|usable)",
        ),
        "Compared to what? Say how it is now and how it must be.",
        CRITERIA,
        is_measurable=True,
    ),
    # R26, absolutes: only those that nobody can keep or check
    Rule(
        _any_of(
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
        _any_of(
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
        _any_of(
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
        _any_of("should", "could", "might", r"may(?!\snot)"),
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
        _any_of(
            "next (?:week|month|quarter|year|sprint|spring|summer|autumn|fall|winter)",
            "(?:by|before|at|until) (?:the )?end of (?:the |this )?(?:week|month|quarter|year)",
            "(?:by|until|before) (?:tomorrow|monday|tuesday|wednesday|thursday|friday|christmas)",
        ),
        "Which date is that? Briefs are read later than they are written.",
        frozenset({"constraints", "definition_of_done"}),
        unless=_A_YEAR_OR_EACH,
    ),
)  # fmt: skip
