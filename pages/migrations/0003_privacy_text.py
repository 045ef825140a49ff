"""The privacy page says periods, reasons and rights by itself now. Where nobody has changed the text
that came with the product, what would stand there twice goes.
"""

from django.db import migrations

from pages.migrations import _first_rows

TEXT = """
<p>This page says what this site keeps about you.</p>
<h2>When you read</h2>
<p>The public pages set no cookie and store nothing in your browser, with two exceptions that you choose. When you write a brief, your browser keeps the draft until you send it or press “Discard the draft”; we do not get it before you send it. When you take the readiness assessment, one cookie leads back to your answers for 30 days. It is sent to the pages of the assessment only.</p>
<p>The public pages load nothing from any other host, and no analytics run on them. Like every web server, ours writes a line for each request: time, page, IP address, and the browser’s description of itself.</p>
<h2>When you take the assessment</h2>
<p>We do not ask who you are; if you send us the result with a message, it is kept with the message.</p>
<h2>When you write to us</h2>
<p>If you send the form, we keep exactly this:</p>
<ul><li><p>your name, email address, company and message, and the brief if you wrote one, as you typed them;</p></li><li><p>the page the form was on, and the article, if it was one;</p></li><li><p>the campaign named in that page’s address, if there was one, and the name of the site that sent you to it, if your browser tells us;</p></li><li><p>the time, a random key by which we recognize a form that is sent twice, which version of this text applied, and whether we suspected spam, and why.</p></li></ul>
<p>The people who answer inquiries see it, and so do the companies that run our server and deliver our email. We sell and lend none of it.</p>
"""


def shorten(apps, schema_editor):
    _replace(apps, _first_rows.PRIVACY, TEXT)


def restore(apps, schema_editor):
    _replace(apps, TEXT, _first_rows.PRIVACY)


def _replace(apps, old, new):
    pages = apps.get_model("pages", "Page").objects
    pages.filter(key="privacy", body=old.strip()).update(body=new.strip())


class Migration(migrations.Migration):
    dependencies = [("pages", "0002_who_is_responsible")]

    operations = [migrations.RunPython(shorten, restore)]
