#!/usr/bin/env python3
"""How well the languages of inquiries are told, and what the model costs.

    .venv/bin/python benchmarks/languages.py

Reads the labeled corpus of the spam filter, 365 messages in 34 languages. Then loads the model in
three ways, each in a process of its own, and prints the memory that stays and the most there was.
Starts nothing and stores nothing.
"""

import json
import resource
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from django.conf import settings

settings.configure(LANGUAGE_CODE="en-us")

from leads.languages.names import NAMES

CORPUS = ROOT / "benchmarks" / "spam_corpus"
# Two codes of one language, as people may write it.
SAME = {"nb": "no", "nn": "no"}
LOADED = "from py3langid.langid import MODEL_FILE, LanguageIdentifier as L;"
LOADED += "one = L.from_model_file(MODEL_FILE, norm_probs=True);"
FEW = "one.set_languages(['en', 'da', 'de', 'pl', 'fr', 'es']);"
FREED = "one._full_model = None; import gc; gc.collect();"
WAYS = {
    "nothing": "",
    "the model": LOADED,
    "the model, six languages": LOADED + FEW,
    "the model, six languages, the others freed": LOADED + FEW + FREED,
}
TELL = "print(open('/proc/self/status').read())"


def main() -> None:
    tell_accuracy()
    print("\n| held in a process | stays | most |\n| --- | ---: | ---: |")
    for way, code in WAYS.items():
        said = run([sys.executable, "-c", code + TELL]).stdout
        memory = dict(line.split(":", 1) for line in said.splitlines() if line)
        stays, most = (int(memory[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM"))
        print(f"| {way} | {stays} MB | {most} MB |")


def tell_accuracy() -> None:
    messages = [one for path in sorted(CORPUS.glob("*.toml")) for one in read(path)]
    texts = [text for text, _ in messages]
    sent = json.dumps({"languages": list(NAMES), "texts": texts})
    begin = time.perf_counter()
    done = run([sys.executable, "-m", "leads.languages.guessing"], sent)
    seconds = time.perf_counter() - begin
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    pairs = [
        (code, SAME.get(language, language))
        for code, (_, language) in zip(json.loads(done.stdout), messages, strict=True)
    ]
    told = [(code, language) for code, language in pairs if code]
    foreign = [language for _, language in pairs if language not in ("en", "und")]
    marked = [(code, language) for code, language in told if code != "en"]
    right = sum(code == language for code, language in marked)
    print(f"{len(pairs)} messages, {len(told)} told, {len(pairs) - len(told)} say nothing.")
    print(f"In another language: {len(foreign)}; marked {len(marked)}, {right} of them rightly.")
    print(
        f"One batch: {seconds:.2f} s, {used.ru_utime + used.ru_stime:.2f} s of CPU, at most "
        f"{used.ru_maxrss // 1024} MB."
    )


def read(path: Path) -> list[tuple[str, str]]:
    lists = [rows for rows in tomllib.loads(path.read_text()).values() if isinstance(rows, list)]
    return [
        (one["message"], one.get("language", "en").partition("-")[0])
        for rows in lists
        for one in rows
        if "message" in one
    ]


def run(command: list[str], sent: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, input=sent, capture_output=True, check=True, cwd=ROOT, text=True)


if __name__ == "__main__":
    main()
