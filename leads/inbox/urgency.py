"""Words by which people say that something is on fire, in the languages that write to us."""

import re

_URGENT = re.compile(
    r"""(?xi)
    (?<!most\ )(?<!more\ )(?<!less\ )(?<!not\ )(?<!nothing\ )
    \b(?: urgent(?:ly)?|a\.?s\.?a\.?p|emergency|outage|right\s+now|immediately
      | (?:is|are|went|been|site|production|prod|system|everything)\s+(?:completely\s+)?down
      | (?:payments?|callbacks?|orders?|checkouts?)\s+(?:have\s+been\s+|are\s+|is\s+)?failing
      | can(?:no|')t\s+(?:pay|check\s*out)|losing\s+(?:money|orders|data) )\b
    | \b(?:haster|hastesag|akut|nede\s+nu)\b
    | \b(?:dringend|eilig|sofort|notfall|ausgefallen)\b
    | \b(?:pilne|pilnie|natychmiast|awaria)\b
    | \b(?:urgente|urgence|en\s+panne|tout\s+de\s+suite|urgentemente|socorro)\b
    | \b(?:mendesak|segera|darurat)\b
    | срочно | терміново | عاجل | 至急 | 紧急 | 긴급
    """
)


def is_urgent(text: str) -> bool:
    return bool(_URGENT.search(text))
