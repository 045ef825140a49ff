"""Guesses the language of texts: a process of its own, which ends with the model it has loaded.

    python -m leads.languages.guessing

Reads JSON with `languages`, the codes that may be found, and `texts`; writes a list of codes, empty
where a text is too short to say, or says it of no language with confidence. It knows nothing of
Django. Measured by benchmarks/languages.py.
"""

import json
import os
import re
import sys
from collections.abc import Iterable

from py3langid.langid import MODEL_FILE, LanguageIdentifier

MIN_LETTERS = 20
MIN_CONFIDENCE = 0.9
# Addresses are in no language.
_ADDRESS = re.compile(r"\S*(?:://|www\.|@)\S*")


def guess(texts: Iterable[str], languages: Iterable[str]) -> list[str]:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted({*languages} & {*identifier.labels}))
    return [_guess(text, identifier) for text in texts]


def _guess(text: str, identifier: LanguageIdentifier) -> str:
    words = _ADDRESS.sub(" ", text)
    if sum(letter.isalpha() for letter in words) < MIN_LETTERS:
        return ""
    code, confidence = identifier.classify(words)
    return str(code) if confidence >= MIN_CONFIDENCE else ""


if __name__ == "__main__":
    os.nice(10)  # the site and the emails go first
    json.dump(guess(**json.load(sys.stdin)), sys.stdout)
