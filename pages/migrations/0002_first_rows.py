"""What a site needs before anybody has written a word: settings, a way to every part, and an honest
word beside its form. The privacy text says what the product does; whoever runs it adds who they are."""

from django.db import migrations

LINKS = [
    ("header", "Articles", "/articles/"),
    ("header", "Services", "/services/"),
    ("header", "Offices", "/offices/"),
    ("header", "Contact", "/contact/"),
    ("footer", "Articles", "/articles/"),
    ("footer", "Offices", "/offices/"),
    ("footer", "Contact", "/contact/"),
    ("footer", "Privacy", "/privacy/"),
]

PRIVACY = """
<p>This page says what this site keeps about you.</p>
<h2>When you read</h2>
<p>The public pages set no cookie and store nothing in your browser. They load nothing from any other host, and no analytics run on them. Like every web server, ours writes a line for each request: time, page, IP address, and the browser's description of itself. We use these lines to find faults and fend off attacks.</p>
<h2>When you write to us</h2>
<p>If you send the form, we keep exactly this:</p>
<ul><li><p>your name, email address, company and message, as you typed them;</p></li><li><p>the page the form was on, and the article, if it was one;</p></li><li><p>the campaign named in that page's address, if there was one, and the name of the site that sent you to it, if your browser tells us;</p></li><li><p>the time, a random key by which we know a double click, which version of this text applied, and whether our rules against spam held the message back, and why.</p></li></ul>
<h2>Why, and who sees it</h2>
<p>To answer you, and to remember what was said if we end up working together. The page and the campaign tell us which of our articles were useful to somebody. Those of us who answer inquiries see it, and so do the companies that run our server and carry our mail. We sell and lend none of it.</p>
<h2>What you can ask for</h2>
<p>You may ask to see what we hold, to have it corrected, to receive it as a file, or to have it erased. Write to us by the form, or answer any of our mails; a person does what you ask.</p>
"""


def make(apps, schema_editor):
    apps.get_model("pages", "SiteSettings").objects.get_or_create(pk=1)
    apps.get_model("pages", "Page").objects.create(
        slug="privacy",
        title="Privacy",
        description="What this site keeps about its visitors, and why.",
        body=PRIVACY.strip(),
    )
    MenuLink = apps.get_model("pages", "MenuLink")
    for position, (place, label, path) in enumerate(LINKS):
        MenuLink.objects.create(place=place, label=label, path=path, position=position * 10)


def unmake(apps, schema_editor):
    apps.get_model("pages", "Page").objects.filter(slug="privacy", body=PRIVACY.strip()).delete()
    MenuLink = apps.get_model("pages", "MenuLink")
    for place, label, path in LINKS:
        MenuLink.objects.filter(place=place, label=label, path=path).delete()


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_initial")]

    operations = [migrations.RunPython(make, unmake)]
