"""Take out of the texts for search what nobody sees, and learn the words that become whole."""

import re
import unicodedata

from django.db import migrations

AT_ONCE = 200
COLUMNS = ["title", "summary", "body"]

# As articles.words had it when this was written. It may go on; what it once made stays so.
_SPEECH = re.compile(r"[^\W\d_]{3,32}")


def normal(text):
    text = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf")


def put_right(apps, schema_editor):
    RevisionText = apps.get_model("articles", "RevisionText")
    SearchWord = apps.get_model("articles", "SearchWord")
    database = schema_editor.connection.alias

    words = set()
    for text in RevisionText.objects.using(database).order_by("pk").iterator(chunk_size=AT_ONCE):
        before = [getattr(text, column) for column in COLUMNS]
        after = [normal(column) for column in before]
        if after != before:
            for column, value in zip(COLUMNS, after, strict=True):
                setattr(text, column, value)
            text.save(using=database, update_fields=COLUMNS)
            words.update(word for value in after for word in _SPEECH.findall(value.lower()))
    SearchWord.objects.using(database).bulk_create(
        [SearchWord(word=word) for word in sorted(words)], ignore_conflicts=True, batch_size=1000
    )


class Migration(migrations.Migration):
    dependencies = [("articles", "0005_search_released_revisions")]

    operations = [migrations.RunPython(put_right, migrations.RunPython.noop)]
