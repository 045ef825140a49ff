"""Let search find what was released before there was a search."""

from django.db import migrations

from articles.words import plain_text, vocabulary

AT_ONCE = 200


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
