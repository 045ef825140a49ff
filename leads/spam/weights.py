"""What each sign counts, and how often. Below zero it speaks for a person.

`benchmarks/spam_filter.py --learn` proposes these points, starting from them, by what it finds in
labeled messages. No message there has a past: what decisions before it count is a judgment.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Weight:
    points: int
    reason: str  # for staff; what was found follows it
    most: int = 1  # it counts so many times at most


# From these on, an inquiry waits for a person to decide, or is marked "may be spam".
SUSPECTED_FROM = 6
DOUBTFUL_FROM = 3
# What speaks for a person takes off no more than this together: words are cheap.
MAX_FOR_A_PERSON = 9
# Nor does what it offers count for more than this: agencies, casinos and lenders need us, too.
MAX_FOR_OFFERS = 6
OFFERS = frozenset(
    {"ranking", "links_wanted", "lists", "building", "promotion", "gambling", "pharmacy", "dating",
     "investing", "lending", "legacy", "goods", "services", "alarm", "jobs"}
)  # fmt: skip

WEIGHTS = {
    # How the form was filled in
    "trap": Weight(5, "The hidden field was filled in"),
    "fast": Weight(2, "Filled in fast"),
    "no_script": Weight(1, "Sent without JavaScript"),
    # What it looks like
    "links": Weight(1, "Several links", 3),
    "messenger": Weight(2, "A shortened link or a messenger"),
    "only_link": Weight(3, "Hardly more than a link"),
    "name_is_a_link": Weight(4, "The name or company is a link"),
    "markup": Weight(2, "Link markup"),
    "html": Weight(1, "HTML"),
    "template": Weight(5, "A template that was not filled in"),
    "probe": Weight(3, "What scanners type to break in"),
    "disguised": Weight(2, "Characters in disguise"),
    "other_script": Weight(1, "In a different alphabet from the site’s"),
    "gibberish": Weight(4, "It says nothing, one word repeated or random keys"),
    "testing": Weight(2, "A test"),
    "mashed_name": Weight(2, "The name is random characters"),
    "borrowed_company": Weight(3, "The company is famous, and the address is not theirs"),
    "price": Weight(1, "A price or percentage"),
    "pictures": Weight(1, "Emoji", 2),
    "exclamations": Weight(1, "Exclamation marks"),
    "short": Weight(1, "Hardly a word"),
    "about_you": Weight(1, "Says “you” more often than “we”"),
    # What it offers
    "ranking": Weight(2, "Search ranking", 2),
    "links_wanted": Weight(2, "Links, guest posts and comments", 2),
    "lists": Weight(2, "Addresses and leads for sale", 2),
    "building": Weight(2, "Websites and developers for hire", 2),
    "promotion": Weight(2, "Publicity for sale", 2),
    "gambling": Weight(2, "Gambling", 2),
    "pharmacy": Weight(2, "Pills and diets", 2),
    "dating": Weight(2, "Dating", 2),
    "investing": Weight(2, "Easy money", 2),
    "lending": Weight(1, "Loans, grants and acquisitions", 2),
    "legacy": Weight(2, "Legacies and millions", 2),
    "goods": Weight(1, "Goods for sale", 3),
    "services": Weight(1, "Services that have nothing to do with us", 2),
    "alarm": Weight(2, "Alarming notices", 2),
    "jobs": Weight(1, "Work for anyone", 2),
    # How it offers it
    "offer": Weight(2, "Offers something", 3),
    "pitch": Weight(1, "Common in sales pitches", 4),
    "ask": Weight(2, "Asks for a call or the right person", 2),
    "deal": Weight(1, "Terms of a deal", 2),
    "found_you": Weight(2, "How they came across us", 2),
    "yours": Weight(1, "About our website or business", 2),
    "mass": Weight(1, "Common in mass mailings", 2),
    "nothing_asked": Weight(1, "Nothing that people who need us say"),
    # What speaks for a person
    "need": Weight(-2, "Says what they need", 4),
    "ours": Weight(-1, "About their own systems", 2),
    "trouble": Weight(-1, "Something does not work", 2),
    "engineering": Weight(-2, "Engineering terms", 4),
    "business": Weight(-1, "How their business runs", 2),
    "code": Weight(-2, "Code or an error message", 2),
    "version": Weight(-1, "A version number"),
    "former": Weight(-1, "We have worked together", 2),
    "reading": Weight(-1, "About something on this site"),
    "applying": Weight(-1, "An application", 2),
    "privacy": Weight(-2, "About personal data"),
    "matters": Weight(-1, "An everyday matter", 2),
    "story": Weight(-1, "Tells what happened", 3),
    "aside": Weight(-1, "An aside in parentheses"),
    "long": Weight(-1, "Written at length"),
    "phone": Weight(-1, "A phone number"),
    # What people decided before
    "same_opening": Weight(6, "Starts like an inquiry that was marked as spam"),
    "sender": Weight(6, "An earlier inquiry from this address was marked as spam"),
    "domain": Weight(3, "An earlier inquiry from this domain was marked as spam"),
    "learned": Weight(1, "Words of what was marked as spam before", 4),
    "learned_real": Weight(-1, "Words of those who were no spam", 2),
    "known": Weight(-4, "We have answered this person before"),
}
