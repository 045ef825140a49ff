"""What a site needs before anyone has written a word: settings, a way to every part, and an honest
word beside its form. The privacy text says what the product does; whoever runs it adds who they are."""

LINKS = [
    ("header", "Articles", "articles"),
    ("header", "Services", "services"),
    ("header", "Offices", "offices"),
    ("header", "Contact", "contact"),
    ("footer", "Articles", "articles"),
    ("footer", "Offices", "offices"),
    ("footer", "Contact", "contact"),
]

PRIVACY = """
<p>This page says what this site keeps about you.</p>
<h2>When you read</h2>
<p>The public pages set no cookie and store nothing in your browser, with two exceptions that you choose. When you write a brief, your browser keeps the draft until you send it or press “Discard the draft”; we do not get it before you send it. When you take the readiness assessment, one cookie leads back to your answers for 30 days. It is sent to the pages of the assessment only.</p>
<p>The public pages load nothing from any other host, and no analytics run on them. Like every web server, ours writes a line for each request: time, page, IP address, and the browser’s description of itself. We use these lines to find faults and fend off attacks.</p>
<h2>When you take the assessment</h2>
<p>We do not ask who you are; if you send us the result with a message, it is kept with the message. What you do not send us is deleted within an hour of its time: an unfinished assessment after 30 days, a finished one after four months. What stays is how often each answer was given and at which step people stopped: numbers, and nobody’s answers together.</p>
<h2>When you write to us</h2>
<p>If you send the form, we keep exactly this:</p>
<ul><li><p>your name, email address, company and message, and the brief if you wrote one, as you typed them;</p></li><li><p>the page the form was on, and the article, if it was one;</p></li><li><p>the campaign named in that page’s address, if there was one, and the name of the site that sent you to it, if your browser tells us;</p></li><li><p>the time, a random key by which we recognize a form that is sent twice, which version of this text applied, and whether we suspected spam, and why.</p></li></ul>
<h2>Why, and who sees it</h2>
<p>To answer you, and to remember what was said if we end up working together. The page and the campaign tell us which of our articles were useful to someone. The people who answer inquiries see it, and so do the companies that run our server and deliver our email. We sell and lend none of it.</p>
<h2>What you can ask for</h2>
<p>You may ask to see what we hold, to have it corrected, to receive it as a file, or to have it erased. Write to us with the form, or reply to any of our emails; a person does what you ask.</p>
"""


def make(apps, schema_editor):
    apps.get_model("pages", "SiteSettings").objects.create(pk=1)
    privacy = apps.get_model("pages", "Page").objects.create(
        key="privacy",
        slug="privacy",
        title="Privacy",
        description="What this site keeps about its visitors, and why.",
        body=PRIVACY.strip(),
    )
    MenuLink = apps.get_model("pages", "MenuLink")
    for position, (place, label, part) in enumerate(LINKS):
        MenuLink.objects.create(place=place, label=label, part=part, position=position * 10)
    MenuLink.objects.create(place="footer", label="Privacy", page=privacy, position=70)
