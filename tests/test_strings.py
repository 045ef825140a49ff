"""`dev.py strings` finds every kind of text that a person reads."""

import re

import pytest
from django.conf import settings

from devtools import strings

CLASS = "class Stage(models.TextChoices):\n    "
READ = [
    ("articles/models.py", 'name = CharField(verbose_name="byline")', "byline"),
    ("articles/models.py", 'name = CharField(help_text="Shown on cards.")', "Shown on cards."),
    ("articles/models.py", 'UniqueConstraint(violation_error_message="Taken.")', "Taken."),
    ("articles/models.py", CLASS + 'DRAFT = "draft", "Draft"', "Draft"),
    ("articles/models.py", "class Meta:\n    verbose_name_plural = 'series'", "series"),
    ("articles/forms.py", 'q = CharField(label="Search")', "Search"),
    ("articles/forms.py", 'Meta.labels = {"name": "Name"}', "Name"),
    ("articles/forms.py", 'raise ValidationError("Too long.")', "Too long."),
    ("articles/forms.py", 'Choice(choices=[("now", "Soon")])', "Soon"),
    ("articles/views.py", 'raise Http404("Not here.")', "Not here."),
    ("articles/views.py", 'raise BadRequest("Nonsense.")', "Nonsense."),
    ("articles/views.py", 'messages.success(request, f"{n} saved.")', "{n} saved."),
    ("articles/admin.py", 'self.message_user(request, "Nothing changed")', "Nothing changed"),
    ("articles/admin.py", '@admin.display(description="Written")\ndef at(self): ...', "Written"),
    ("articles/admin.py", '@admin.action(description="Retire")\ndef retire(self): ...', "Retire"),
    ("articles/admin.py", "at.short_description = 'Written'", "Written"),
    ("articles/admin.py", 'fieldsets = [("Search", {"fields": ["seo"]})]', "Search"),
    ("articles/checks.py", 'Warning("It is off.", hint="Switch it on.")', "Switch it on."),
    (
        "a/management/commands/b.py",
        'class Command:\n    help = "Erases a person"',
        "Erases a person",
    ),
    ("a/management/commands/b.py", 'self.stdout.write("Nothing to do")', "Nothing to do"),
    ("articles/tasks.py", 'log.warning("Could not send %s", at)', "Could not send %s"),
    ("pages/migrations/0001_initial.py", 'BODY = "<p>What we keep.</p>"', "<p>What we keep.</p>"),
    ("templates/a.html", "<p>Read <b>all</b>\nof it</p>", "Read all of it"),
    (
        "templates/a.html",
        "<p>{{ n }} article{{ n|pluralize }}</p>",
        "{{ n }} article{{ n|pluralize }}",
    ),
    ("templates/a.html", '<img alt="A bridge">', "A bridge"),
    ("templates/a.html", '<nav aria-label="Pages"></nav>', "Pages"),
    ("templates/a.html", '<a title="More">→</a>', "More"),
    ("templates/a.html", '<input placeholder="Name">', "Name"),
    ("templates/a.html", '<meta name="description" content="All we know.">', "All we know."),
    ("templates/a.html", '{% include "_b.html" with label="All articles" %}', "All articles"),
    ("templates/a.html", '{{ is_live|yesno:"Live,Draft" }}', "Live,Draft"),
    (
        "templates/mail/a.txt",
        "{% if x %}\nReply to this email.\n{% endif %}",
        "Reply to this email.",
    ),
    ("templates/a.typ", '#part("Why this result", it.why)', "Why this result"),
    ("static/js/a.js", 'button.textContent = "Copied"; // not this one', "Copied"),
    ("static/js/a.js", "clock.textContent = `${now} there now`;", "${now} there now"),
]
NOT_READ = [
    ("articles/models.py", '"""A docstring is for developers."""'),
    ("articles/models.py", "# A comment is for developers."),
    ("articles/models.py", 'objects.filter(status="draft").order_by("-published_at")'),
    ("articles/models.py", 'cursor.execute("SELECT a FROM b")'),
    ("pages/migrations/0001_initial.py", 'migrations.AddField("a", "b", C(help_text="Shown."))'),
    ("templates/a.html", "{# A comment is for developers #}<div class='card plate'></div>"),
    ("templates/a.html", "<style>body { color: red }</style><script>let a = 'b c';</script>"),
    ("templates/a.html", '{{ at|date:"j F Y" }}'),
    ("static/js/a.js", 'import "./a.js"; document.querySelector(".card a");'),
]


def texts_of(place, source, root):
    path = root / place
    path.parent.mkdir(parents=True)
    path.write_text(source)
    return [text.text for text in strings.texts_of(path, root)]


@pytest.mark.parametrize(("place", "source", "text"), READ)
def test_each_kind_of_text_is_found(tmp_path, place, source, text):
    assert text in texts_of(place, source, tmp_path)


@pytest.mark.parametrize(("place", "source"), NOT_READ)
def test_what_is_for_programs_is_left_out(tmp_path, place, source):
    assert texts_of(place, source, tmp_path) == []


def test_a_text_is_listed_with_its_place(tmp_path):
    path = tmp_path / "templates" / "a.html"
    path.parent.mkdir()
    path.write_text("<p>\n  {# nothing #}\n\n  First\n</p>\n<p>Second</p>\n")

    listed = [str(text) for text in strings.texts_of(path, tmp_path)]

    assert listed == ["templates/a.html:4  First", "templates/a.html:6  Second"]


def test_the_list_of_this_very_site_can_be_made(capsys):
    strings.main(["templates/404.html", "leads/intake/forms.py"])

    printed = capsys.readouterr().out
    assert "templates/404.html:" in printed and "What do you need?" in printed
    assert str(settings.BASE_DIR) not in printed


# Words that something else is called by, and British spelling.
OLD_WORDS = re.compile(
    r"\b(working cop(?:y|ies)|released|sets? aside|withdr[ae]wn?|withdrew"
    r"|shel(?:f|ves)|letters?|mend(?:s|ed|ing)?|in vain|gave up|given up|held back|catalogue"
    r"|licence|\w*(?:colour|favour|neighbour|behaviour|labelled|cancelled)\w*)\b",
    re.IGNORECASE,
)
# Where one of them is the right word all the same: a file, and the word.
STILL_RIGHT = {
    ("config/file_queue.py", "set aside"),  # a file
    ("config/variables.py", "letters"),  # of the alphabet, as in the next four
    ("docs/marketing.md", "letters"),
    ("docs/operator.md", "letters"),
    ("leads/briefs/acronyms.py", "letters"),
    ("readiness/admin/inlines.py", "letter"),
    ("readiness/models/question_sets.py", "letter"),
    ("docs/developing.md", "released"),  # a version, as in the next one
}


def test_what_people_read_uses_one_word_for_one_thing(capsys):
    strings.main([])
    lines = [line.split("  ", 1) for line in capsys.readouterr().out.splitlines()]
    texts = [(place.partition(":")[0], text) for place, text in lines]
    guides = [settings.BASE_DIR / "README.md", *settings.BASE_DIR.glob("docs/*.md")]
    texts += [(str(path.relative_to(settings.BASE_DIR)), path.read_text()) for path in guides]

    used = {(path, word[0].lower()) for path, text in texts for word in OLD_WORDS.finditer(text)}

    assert len(texts) > 1000, "a guard that looks at nothing guards nothing"
    assert used - STILL_RIGHT == set()
    assert STILL_RIGHT - used == set()  # so that the list says nothing that is not so


def test_a_limit_is_named_max_or_min():
    code = [path for path in settings.BASE_DIR.glob("*/**/*.py") if ".venv" not in path.parts]

    named = [
        f"{path.relative_to(settings.BASE_DIR)}: {name}"
        for path in code
        for name in re.findall(
            r"(?m)^ *((?:MOST|LONGEST|FEWEST|SHORTEST)(?:_\w+)?) =", path.read_text()
        )
    ]

    assert len(code) > 200
    assert named == []
