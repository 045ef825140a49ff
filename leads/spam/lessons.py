"""What people's decisions teach: words and pairs of words that what they marked as spam has in
common, and that real inquiries do not have; and the other way round.

Learned from the inquiries as they are, again and again, and kept nowhere else. What is unmarked,
deleted or erased is unlearned within minutes. A word counts once for each mailbox, and only if
several mailboxes wrote it: what one person wrote is nobody's to repeat.
"""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from leads.models import Inquiry, SpamLesson
from leads.spam.learned import words_of
from mail.addresses import mailbox

MAX_INQUIRIES = 500  # of each side, the newest
MIN_MAILBOXES = 2  # that wrote a word
MIN_OF_A_SIDE = 5  # mailboxes: below, there is nothing to compare with
MAX_LESSONS = 300
# Few decisions say little: as if each side had so many more that say nothing either way, and a word
# counts in full only when many more than these wrote it.
SMOOTHING = 2.0
DOUBT = 5.0
MIN_TENTHS = 5


def learn(now: datetime) -> bool:
    """Learn anew, if anybody has decided anything since; whether it did."""
    spam, genuine = _keys(Inquiry.objects.spam()), _keys(Inquiry.objects.found_real())
    learned_from = hashlib.sha256(f"{spam} {genuine}".encode()).hexdigest()
    if SpamLesson.objects.filter(learned_from=learned_from).exists():
        return False
    tenths = _weigh(_mailboxes(spam), _mailboxes(genuine))
    SpamLesson.objects.update_or_create(
        pk=SpamLesson.ONLY,
        defaults={"tenths": tenths, "learned_from": learned_from, "learned_at": now},
    )
    return True


def _keys(inquiries: QuerySet[Inquiry]) -> list[int]:
    return list(inquiries.order_by("-pk").values_list("pk", flat=True).distinct()[:MAX_INQUIRIES])


def _mailboxes(keys: list[int]) -> list[set[str]]:
    """The words of each mailbox that wrote any of these."""
    words: dict[str, set[str]] = defaultdict(set)
    found = Inquiry.objects.filter(pk__in=keys).values_list("email", "message")
    for email, message in found.iterator(chunk_size=100):
        words[mailbox(email)] |= words_of(message)
    return list(words.values())


def _weigh(spam: list[set[str]], genuine: list[set[str]]) -> dict[str, int]:
    if min(len(spam), len(genuine)) < MIN_OF_A_SIDE:
        return {}
    for_spam, for_genuine = _counted(spam), _counted(genuine)
    learned = {}
    for word in for_spam.keys() | for_genuine.keys():
        there, here = for_spam[word], for_genuine[word]
        if there + here < MIN_MAILBOXES:
            continue
        odds = _share(there, len(spam)) - _share(here, len(genuine))
        tenths = round(5 * odds * (there + here) / (there + here + DOUBT))
        if abs(tenths) >= MIN_TENTHS:
            learned[word] = tenths
    strongest = sorted(learned, key=lambda word: (-abs(learned[word]), word))[:MAX_LESSONS]
    return {word: learned[word] for word in sorted(strongest)}


def _counted(mailboxes: Iterable[set[str]]) -> Counter[str]:
    return Counter(word for words in mailboxes for word in words)


def _share(count: int, of: int) -> float:
    return math.log((count + SMOOTHING) / (of + 2 * SMOOTHING))
