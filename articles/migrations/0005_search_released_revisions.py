"""Let search find what was released before there was a search."""

import re
import unicodedata

from django.db import migrations
from lxml import html as lxml_html

AT_ONCE = 200

# As articles.words had it when this was written. It may go on; what it once made stays so.
LONGEST_TEXT = 150_000
_WORD = re.compile(r"[^\W_]+")
_SPEECH = re.compile(r"[^\W\d_]{3,32}")
_INLINE = {"a", "abbr", "b", "code", "em", "i", "mark", "s", "span", "strong", "sub", "sup", "u"}
STOP_WORDS = frozenset(
    _WORD.findall(
        "i me my myself we our ours ourselves you your yours yourself yourselves he him his"
        " himself she her hers herself it its itself they them their theirs themselves what which"
        " who whom this that these those am is are was were be been being have has had having do"
        " does did doing a an the and but if or because as until while of at by for with about"
        " against between into through during before after above below to from up down in out on"
        " off over under again further then once here there when where why how all any both each"
        " few more most other some such no nor not only own same so than too very s t can will"
        " just don should now"
    )
)


def plain_text(html):
    """Stored HTML is sanitised already."""
    if not html.strip():
        return ""
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    for element in root.iter():
        if element.tag not in _INLINE:
            element.text = f" {element.text or ''}"
            element.tail = f" {element.tail or ''}"
    code = list(root.iter("pre"))
    for block in code:
        block.drop_tree()
    text = "".join(part.text_content() for part in [root, *code])
    return " ".join(unicodedata.normalize("NFKC", text).split())[:LONGEST_TEXT]


def vocabulary(*texts):
    words = {
        word
        for text in texts
        for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    }
    return sorted(word for word in words - STOP_WORDS if _SPEECH.fullmatch(word))


def keep_words(apps, schema_editor):
    Revision = apps.get_model("articles", "Revision")
    RevisionText = apps.get_model("articles", "RevisionText")
    SearchWord = apps.get_model("articles", "SearchWord")
    database = schema_editor.connection.alias

    texts, words = [], set()
    released = Revision.objects.using(database).filter(state="released")
    for revision in released.order_by("pk").iterator(chunk_size=AT_ONCE):
        title, summary, body = revision.title, revision.summary, plain_text(revision.body)
        texts.append(RevisionText(revision=revision, title=title, summary=summary, body=body))
        words.update(vocabulary(title, summary, body))
        if len(texts) == AT_ONCE:
            RevisionText.objects.using(database).bulk_create(texts, ignore_conflicts=True)
            texts.clear()
    RevisionText.objects.using(database).bulk_create(texts, ignore_conflicts=True)
    SearchWord.objects.using(database).bulk_create(
        [SearchWord(word=word) for word in sorted(words)], ignore_conflicts=True, batch_size=1000
    )


class Migration(migrations.Migration):
    dependencies = [("articles", "0004_search")]

    operations = [migrations.RunPython(keep_words, migrations.RunPython.noop)]
