"""Keys, passwords and tokens in a text: of shapes that nothing else has, so that examples pass."""

import re
from collections.abc import Iterator

from articles.checking.folding import is_unseen

_SHAPES = re.compile(
    r"""
      -----BEGIN\ (?:[A-Z]+\ ){0,3}PRIVATE\ KEY(?:\ BLOCK)?-----
    | \b(?:AKIA|ASIA)(?![0-9A-Z]*EXAMPLE)[0-9A-Z]{16}\b                  # Amazon
    | \bgh[pousr]_[A-Za-z0-9]{36,}\b | \bgithub_pat_[A-Za-z0-9_]{36,}    # GitHub
    | \bgl(?:pat|rt|dt|ptt)-[A-Za-z0-9_-]{20,}                           # GitLab
    | \bxox[abeprs]-[A-Za-z0-9-]{20,} | \bxapp-\d-[A-Za-z0-9-]{20,}      # Slack
    | hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}
    | \b[sr]k_live_[0-9A-Za-z]{16,} | \bwhsec_[0-9A-Za-z]{24,}           # Stripe
    | \bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-]) | \bGOCSPX-[0-9A-Za-z_-]{28}  # Google
    | \bsk-(?:ant|proj|svcacct|admin)-[A-Za-z0-9_-]{20,}                 # Anthropic, OpenAI
    | \bsk-[A-Za-z0-9]{40,}\b
    | \bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}                         # SendGrid
    | \bnpm_[A-Za-z0-9]{36}\b | \bpypi-AgEI[A-Za-z0-9_-]{50,}
    | \bhf_[A-Za-z]{34}\b | \bdo[opr]_v1_[a-f0-9]{64}\b | \bdckr_pat_[A-Za-z0-9_-]{20,}
    | \b\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])                    # Telegram
    | \bAccountKey=[A-Za-z0-9+/]{80,}={0,2}                              # Azure
    | \beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,} # a signed JSON Web Token
    """,
    re.VERBOSE,
)
# https://name:password@host
_IN_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]+:(?P<value>[^\s/@]+)@[^\s/@]", re.I)
# password = "…", DB_PASSWORD=…, api_key: …
_ASSIGNED = re.compile(
    r"""
    (?<![A-Za-z])(?:[A-Za-z]+[_-])*
    (?:pass(?:word|wd|phrase)?|pwd|secret(?:[_-]?(?:access)?[_-]?key)?|api[_-]?key|access[_-]?key
      |auth[_-]?token|access[_-]?token|token|private[_-]?key|client[_-]?secret)
    ["']?\s*(?:=>|:=|[:=])\s*
    (?:"(?P<double>[^"\s]{6,})" | '(?P<single>[^'\s]{6,})' | (?P<value>[^\s"'`,;<>(){}[\]]{8,}))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MIN_LETTERS = 8  # unlike ones, in a real key
# What examples have in the place of a secret: also paths, days, versions.
_PLACEHOLDER = re.compile(
    r"\A[./~]|\A\d{4}-\d\d-\d\d|\Av?\d+(?:\.\d+)+|[$%<{*(]|\.\.\.|…|x{4,}|\*{3,}|0{6,}|1234|abcd|qwert|example|sample|placeholder|change|replace"
    r"|redacted|dummy|insert|your|my[_-]|env|config|settings|getenv|input|prompt|none|null|true"
    r"|false|undefined|password|passwd|secret|token|test|demo|todo|foo|bar|https?:",
    re.IGNORECASE,
)


def secrets_in(text: str) -> Iterator[tuple[int, int]]:
    """Where each stands, from its first to behind its last character."""
    seen = [number for number, character in enumerate(text) if not is_unseen(character)]
    plain = text if len(seen) == len(text) else "".join(text[number] for number in seen)
    found = [
        match.span() for match in _SHAPES.finditer(plain) if len(set(match[0])) >= _MIN_LETTERS
    ]
    for pattern in (_IN_ADDRESS, _ASSIGNED):
        for match in pattern.finditer(plain):
            name = next(name for name, value in match.groupdict().items() if value)
            if _is_secret(match[name]):
                found.append(match.span(name))
    end = 0
    for start, stop in sorted(found):
        if start >= end:
            yield seen[start], seen[stop - 1] + 1
            end = stop


def _is_secret(value: str) -> bool:
    """Whether it looks as if somebody had made it up to be one: letters and digits or signs."""
    if _PLACEHOLDER.search(value):
        return False
    has_letters = any(letter.isalpha() for letter in value)
    has_digits = any(letter.isdigit() for letter in value)
    has_signs = any(not letter.isalnum() for letter in value.strip("._-/"))
    is_mixed = value.lower() != value and value.upper() != value
    is_name = re.fullmatch(r"[A-Za-z_]\w*(?:[.-][A-Za-z_]\w*)+|[a-z_]+\d?", value)
    return has_letters and not is_name and (has_digits or (has_signs and is_mixed))
