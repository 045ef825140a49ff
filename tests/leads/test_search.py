"""Search in sales: by every word, right after every write, and nothing of who was erased."""

import random
from collections import defaultdict

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import SALES
from articles import publishing
from leads import search
from leads.acts import doing, undoing
from leads.intake import receiving, spam_marks
from leads.models import Activity, Brief, Company, Contact, Inquiry, Lead, NextStep
from leads.pipeline import moves, steps
from leads.search import upkeep
from leads.search.plain import number_tokens, plain
from privacy import erasing
from privacy.collecting import collect
from tests import builders
from tests.builders import SPAM, article, signed_in, user

pytestmark = pytest.mark.django_db

FREJA = {"name": "Freja Mortensen", "email": "freja.m@nordpay.dk", "message": "Hello."}


def receive(brief=None, signs=(), **fields):
    return receiving.receive(Inquiry(**(FREJA | fields)), brief=brief, signs=signs)


def somebody_else():
    return receive(name="Jonas Weber", email="jonas@weber.example", message="Good morning.")


def found(text, **options):
    """The keys of what is found, by kind."""
    keys = defaultdict(list)
    for hit in search.find(text, **options):
        keys[hit.kind].append(hit.pk)
    return dict(keys)


def leads(text):
    """Of all leads those that a list shows, and `find` has them as well."""
    listed = set(search.matching(Lead.objects.all(), text).values_list("pk", flat=True))
    assert set(found(text, kinds=[search.LEAD], include_spam=True).get("lead", [])) == listed
    return listed


def note(lead, text):
    moves.note(lead, text, by=None, at=timezone.now())


def add_step(lead, text):
    today = timezone.localdate()
    return steps.add_next_step(lead, text, due_on=today, owner=None, by=None, at=timezone.now())


def lose(lead, reason):
    now = timezone.now()
    moves.move(lead, "lost", by=None, at=now, lost_because="other", lost_reason=reason)


# What is found


PLACES = {
    "message": lambda word: receive(message=f"We need a {word}.").lead,
    "name": lambda word: receive(name=f"Freja {word}").lead,
    "address": lambda word: receive(email=f"{word}@nordpay.dk").lead,
    "domain": lambda word: receive(email=f"freja@{word}.dk").lead,
    "company": lambda word: receive(company=f"{word} A/S").lead,
    "campaign source": lambda word: receive(utm_source=word).lead,
    "campaign medium": lambda word: receive(utm_medium=word).lead,
    "campaign": lambda word: receive(utm_campaign=f"2026_{word}").lead,
    "referrer": lambda word: receive(referrer_host=f"news.{word}.com").lead,
    "path": lambda word: receive(source_path=f"/offices/{word}/").lead,
    "article": lambda word: receive(article=article(text={"title": f"On {word}s"})).lead,
    **{
        f"brief: {name}": lambda word, name=name: receive(brief=Brief(**{name: f"A {word}."})).lead
        for name in Brief.TEXT_FIELDS
    },
}
LATER = {
    "note": lambda lead, word: note(lead, f"They want a {word}."),
    "next step": lambda lead, word: add_step(lead, f"Send the {word}"),
    "lost reason": lambda lead, word: lose(lead, f"Has a {word}"),
    "phone": lambda lead, word: change(lead.contact, phone=word),
    "job title": lambda lead, word: change(lead.contact, job_title=word),
    "corrected name": lambda lead, word: change(lead.contact, name=word),
    "corrected address": lambda lead, word: change(lead.contact, email=f"{word}@x.example"),
    "company of the person": lambda lead, word: change(
        lead.contact, company=Company.objects.create(name=word)
    ),
}


def change(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


@pytest.mark.parametrize("make", PLACES.values(), ids=PLACES)
def test_a_lead_is_found_by_any_word_that_came_with_it(make):
    lead = make("gazelle")
    somebody_else()

    for typed in ("gazelle", "GAZELLES", "gazel", "gazzelle", "“gazelle”?"):
        assert leads(typed) == {lead.pk}, typed
        assert search.matching(Inquiry.objects.all(), typed).get().lead == lead
        assert search.matching(Contact.objects.all(), typed).get() == lead.contact


@pytest.mark.parametrize("write", LATER.values(), ids=LATER)
def test_a_lead_is_found_by_any_word_that_was_added(write):
    lead = receive().lead
    somebody_else()

    write(lead, "gazelle")

    for typed in ("gazelle", "GAZELLES", "gazel", "gazzelle"):
        assert leads(typed) == {lead.pk}, typed
        assert search.matching(Contact.objects.all(), typed).get() == lead.contact


def test_a_company_is_found_by_its_name_its_domain_and_its_people():
    lead = receive(company="Nord Pay A/S").lead
    change(lead.contact.company, domain="payments.example")
    Company.objects.create(name="Another")
    note(lead, "They want a gazelle.")

    for typed in ("nord", "payments.example", "freja", "gazelle"):
        assert search.matching(Company.objects.all(), typed).get() == lead.contact.company, typed
    assert found("payments", kinds=[search.COMPANY]) == {"company": [lead.contact.company.pk]}
    assert found("gazelle", kinds=[search.COMPANY, search.PERSON]) == {}


def test_all_words_have_to_be_there_wherever_each_of_them_is():
    lead = receive(message="About the ledger.", company="Nord Pay A/S", utm_source="linkedin").lead
    note(lead, "Sent a quote.")
    somebody_else()

    assert leads("quote ledger freja linkedin a/s") == {lead.pk}
    assert leads("quote ledger jonas") == set()


def test_the_last_word_may_go_on_until_a_blank_ends_it():
    lead = receive(message="Idempotency.").lead

    assert leads("freja idemp") == {lead.pk}
    assert leads("idemp ") == leads("idemp freja") == set()


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("kuberntes", "Kubernetes"),
        ("transacton", "transaction"),
        ("migratoins", "migrations"),
        ("qeue", "queue"),
        ("Mortenson", "Mortensen"),
        ("sorenson", "Sørensen"),
    ],
)
def test_a_mistyped_word_is_found(typed, written):
    lead = receive(message=f"About {written}, mostly.").lead
    somebody_else()

    assert leads(typed) == {lead.pk}
    [(what, meant)] = search.understand(typed).corrected
    assert what == typed.lower() and meant == plain(written)


@pytest.mark.parametrize(
    ("typed", "written"), [("DDD", "odd"), ("zebra", "zero"), ("node", "none"), ("4012", "4011")]
)
def test_a_word_that_nobody_would_call_mistyped_is_not_exchanged(typed, written):
    receive(message=f"About {written}, mostly.")

    assert leads(typed) == set()


def test_a_word_that_is_said_somewhere_is_not_mistyped():
    receive(message="The contract.")
    other = somebody_else().lead
    note(other, "A contrast.")

    assert leads("contrast") == {other.pk}


@pytest.mark.parametrize(
    "written", ["+45 4011 2233", "40112233", "(+45) 40.11.22.33", "0045-40-11-22-33", "040 112233"]
)
@pytest.mark.parametrize("place", ["phone", "message", "note"])
def test_a_phone_number_is_found_however_it_is_spaced(written, place):
    lead = receive(message=f"Call {written}!" if place == "message" else "Hello.").lead
    if place == "phone":
        change(lead.contact, phone=written)
    if place == "note":
        note(lead, f"Their number: {written}")
    change(somebody_else().lead.contact, phone="+45 5055 6677")

    for typed in (
        "4011", "40112233", "40 11 22 33", "+45 4011 2233", "004540112233", "+45 (0)40-11-22-33",
        "4540112233", "0112", "2233", "4011 22",
    ):  # fmt: skip
        assert leads(typed) == {lead.pk}, typed


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("soren", "Søren"), ("Søren", "soren"), ("cafe", "café"), ("café", "cafe\u0301"),
        ("strasse", "Straße"), ("STRASSE", "straße"), ("lodz", "Łódź"), ("aeroe", "Ærøe"),
        ("istanbul", "İstanbul"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"), ("שלום", "שָׁלוֹם"), ("مرحبا", "مَرحَبًا"),
        ("हिन्दी", "हिन्दी"), ("ภาษาไทย", "ภาษาไทย"), ("請求", "日本語の請求書"),
        ("日本語", "日本語の請求書"), ("한국", "한국어로"), ("datenschutz", "Daten\u00adschutz"),
        ("fine", "ﬁne"), ("Q&A", "the Q&A page"), ("node.js", "on node.js/express"),
        ("x86_64", "for x86_64"), ("5e3", "5e3"), ("will", "Will"), ("the who", "The Who"),
        ("bücher.example", "mail@bücher.example"), ("xn--bcher-kva.example", "bücher.example"),
        ("e-mail", "by email"), ("email", "by e-mail"), ("nord pay", "Nordpay"),
        ("nordpay", "Nord Pay, nord and pay"),
    ],
)  # fmt: skip
def test_a_word_is_found_however_it_is_written(typed, written):
    lead = receive(name="x", email="x@x.dk", message=f"Say {written} now.").lead
    receive(name="y", email="y@y.dk", message="Good morning.")

    assert leads(typed) == {lead.pk}


@pytest.mark.parametrize("typed", ["", "   "])
def test_nothing_typed_narrows_nothing(typed):
    lead = receive().lead

    assert search.matching(Lead.objects.all(), typed).get() == lead
    assert search.find(typed) == []


@pytest.mark.parametrize("typed", ["🚀", "!!!", "' OR 1=1 --", "\\", '"', ":*", "\x00", "%", "''"])
def test_signs_are_no_words_and_no_operators(typed):
    receive(message="Nothing of the kind.")

    assert leads(typed) == set()


def test_words_beyond_what_anyone_types_are_ignored():
    lead = receive(message="alpha beta gamma delta epsilon zeta eta theta iota").lead

    assert leads("alpha beta gamma delta epsilon zeta eta theta nowhere") == {lead.pk}
    assert leads(f"alpha {'x' * 190} nowhere") == set()


# How it is shown


def test_a_hit_says_what_it_is_where_it_is_said_and_leads_there():
    lead = receive(company="Nord Pay", message="Please, about the ledger & <b>co</b>.").lead
    client = signed_in(SALES)

    hits = {hit.kind: hit for hit in search.find("ledger")}
    [person] = search.find("FREJA", kinds=[search.PERSON])
    [company] = search.find("nord", kinds=[search.COMPANY])

    assert hits.keys() == {"lead", "inquiry"}
    for hit in hits.values():
        assert hit.excerpt == "Please, about the <mark>ledger</mark> &amp; &lt;b&gt;co&lt;/b&gt;."
    assert hits["lead"].title == "Freja Mortensen · New"
    assert hits["lead"].moment == lead.opened_at
    assert person.title == "Freja Mortensen"
    assert person.excerpt == "<mark>freja</mark>.m@nordpay.dk · Nord Pay"
    assert company.title == "Nord Pay"
    for hit in (*hits.values(), person, company):
        assert client.get(hit.url).status_code == 200


@pytest.mark.parametrize(
    ("typed", "marked"),
    [("4011", "Call <mark>40 11</mark> 22 33"), ("cafe", "<mark>Café</mark>"),
     ("請求", "日本語の<mark>請求</mark>書"), ("recon", "<mark>reconciled</mark>")],
)  # fmt: skip
def test_what_was_found_is_marked_as_it_is_written(typed, marked):
    receive(message="Call 40 11 22 33 at the Café, 日本語の請求書, reconciled.")

    [hit] = search.find(typed, kinds=[search.LEAD])

    assert marked in hit.excerpt


def test_who_is_called_so_comes_before_who_wrote_about_it_and_the_newest_first():
    named = receive(name="Ledger Lund", email="l@l.dk").lead
    wrote = [
        receive(name="x", email=f"x{n}@x.dk", message="About a ledger.").lead for n in range(3)
    ]

    keys = [lead.pk for lead in [named, *reversed(wrote)]]

    assert found("ledger", kinds=["lead"]) == {"lead": keys}
    assert found("ledger", kinds=["lead"], limit=2) == {"lead": keys[:2]}


def test_the_oldest_lead_is_found_beside_a_hundred_thousand_newer_numbers():
    old = receive(message="About a ledger.").lead
    for key in (5_000, 120_000, 130_000):
        person = Contact.objects.create(name="x", email=f"{key}@x.dk", address=f"{key}@x.dk")
        note(Lead.objects.create(pk=key, contact=person), "A ledger.")

    assert found("ledger", kinds=["lead"]) == {"lead": [130_000, 120_000, 5_000, old.pk]}


def test_of_a_common_word_the_newest_are_ranked():
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            return  # FTS5 goes through them in order anyway
        words = [f"w{n % 7} common" for n in range(2_000)]
        cursor.execute(
            "INSERT INTO leads_search_lead SELECT place * 100, leads_search_vector(word, 'C')"
            " || leads_search_tokens(place * 100)"
            " FROM unnest(%s::text[]) WITH ORDINALITY w (word, place)",
            [words],
        )
        cursor.execute("SELECT * FROM leads_search_newest_lead('common', 1000)")
        newest = [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT * FROM leads_search_newest_lead('w3', 1000)")
        rarer = [key for (key,) in cursor.fetchall()]

    assert newest == [place * 100 for place in range(2_000, 1_000, -1)]
    assert rarer == [place * 100 for place in range(2_000, 0, -1) if (place - 1) % 7 == 3]


def test_a_search_costs_few_queries_however_much_is_found(django_assert_max_num_queries):
    for number in range(12):
        lead = receive(company=f"Ledger {number}", email=f"l@l{number}.dk", brief=Brief(title="B"))
        note(lead.lead, "A ledger.")

    for typed, count in [("ledger", 32), ("ledgre freja", 24)]:
        with django_assert_max_num_queries(12):
            assert len(search.find(typed)) == count


# Spam


def test_spam_is_searched_only_when_asked_for():
    spam = receive(message="About gazelles.", company="Antelopes")
    spam_marks.mark(spam, by=user(), at=timezone.now())

    assert found("gazelles antelopes freja") == found("freja") == found("antelopes") == {}
    assert found("freja", include_spam=True).keys() == {"person", "lead", "inquiry"}
    assert found("antelopes", include_spam=True).keys() >= {"company"}


def test_spam_of_somebody_who_also_wrote_in_earnest_does_not_lead_to_their_lead():
    spam, earnest = receive(message="About gazelles."), receive(message="About a ledger.")
    assert spam.lead == earnest.lead

    spam_marks.mark(spam, by=user(), at=timezone.now())

    assert leads("gazelles") == set()
    assert found("freja").keys() == {"person", "lead", "inquiry"}
    assert found("gazelles", include_spam=True) == {"inquiry": [spam.pk]}
    receiving.mark_not_spam(spam, by=user(), at=timezone.now())
    assert leads("gazelles") == {earnest.lead.pk}


def test_suspected_spam_is_searched():
    held = receive(message="About gazelles.", signs=SPAM)

    assert found("gazelles") == {"inquiry": [held.pk]}


# Right after every write


def test_bulk_writes_and_updates_past_our_code_are_seen():
    lead, other = receive(message="Hello.").lead, somebody_else().lead
    Activity.objects.bulk_create(
        [
            Activity(lead=lead, kind="note", text="A gazelle."),
            Activity(lead=other, kind="note", text="An impala."),
        ]
    )
    NextStep.objects.bulk_create(
        [NextStep(lead=lead, text="Feed the kudu", due_on=timezone.localdate())]
    )
    assert (leads("gazelle"), leads("impala"), leads("kudu")) == ({lead.pk}, {other.pk}, {lead.pk})

    Activity.objects.filter(lead=lead).update(text="An oryx.")
    NextStep.objects.all().delete()
    Contact.objects.filter(pk=lead.contact_id).update(name="Okapi", phone="+45 4011 2233")

    assert leads("gazelle") == leads("kudu") == set()
    assert found("mortensen", kinds=[search.PERSON]) == {}
    assert leads("oryx") == leads("okapi") == leads("4011") == {lead.pk}
    Activity.objects.filter(lead=lead).delete()
    assert leads("oryx") == set()


def test_a_company_that_is_renamed_renames_it_for_its_people_and_leads():
    first = receive(company="Antelope").lead
    second = receive(company="antelope", email="second@x.dk").lead

    Company.objects.update(name="Gazelle", domain="springbok.example")

    assert leads("gazelle") == leads("springbok") == {first.pk, second.pk}
    assert found("gazelle", kinds=["person"])["person"] == [second.contact.pk, first.contact.pk]
    assert found("antelope", kinds=[search.PERSON, search.COMPANY]) == {}
    assert leads("antelope") == {first.pk, second.pk}, "they wrote so"


def test_what_moves_to_another_lead_is_found_there():
    one, other = receive(message="About gazelles."), somebody_else()

    Inquiry.objects.filter(pk=one.pk).update(lead=other.lead, contact=other.contact)
    assert leads("gazelles") == {other.lead.pk}
    Lead.objects.filter(pk=one.lead.pk).update(
        contact=other.contact, closed_at=timezone.now(), stage="won"
    )
    assert leads("jonas") == {one.lead.pk, other.lead.pk}
    assert leads("mortensen") == {other.lead.pk}, "the inquiry says so"


def test_notes_and_next_steps_that_move_to_another_lead_are_found_there():
    one, other = receive().lead, somebody_else().lead
    note(one, "A gazelle.")
    add_step(one, "Feed the bongo")

    Activity.objects.update(lead=other)
    NextStep.objects.update(lead=other)

    assert leads("gazelle") == leads("bongo") == {other.pk}
    Activity.objects.update(kind="change")
    assert leads("gazelle") == set() and leads("bongo") == {other.pk}


def test_a_reason_that_is_taken_back_is_not_found():
    lead = receive().lead
    lose(lead, "Prefers gazelles")
    moves.move(lead, "contacted", by=None, at=timezone.now())

    Activity.objects.filter(kind="stage").delete()

    assert leads("gazelles") == set()


def test_an_article_is_found_by_each_title_it_had_once_readers_saw_it():
    read = article(text={"title": "On gazelles"})
    lead = receive(article=read).lead
    builders.revision(read, title="On antelopes")
    assert leads("antelopes") == set()

    publishing.publish(read, at=timezone.now())

    assert leads("antelopes") == leads("gazelles") == leads("antelpoes") == {lead.pk}
    assert leads("antelopes freja") == {lead.pk}


def test_no_history_but_what_people_wrote_is_searched():
    lead = receive().lead
    moves.assign(lead, user(name="Gazelle Holm"), by=None, at=timezone.now())

    assert leads("gazelle") == leads("assigned") == set()


def test_next_steps_of_many_leads_are_found_until_they_are_taken_back():
    both = [receive().lead, somebody_else().lead]
    mikkel, now = user(name="Mikkel Holm"), timezone.now()
    done = doing.add_step(
        both, "Feed the gazelle", due_on=timezone.localdate(), owner=mikkel, by=mikkel, at=now
    )
    assert leads("gazelle") == leads("gazzelle") == {lead.pk for lead in both}
    assert leads("mikkel") == leads("added") == set(), "nobody wrote that about these leads"

    undoing.take_back(done.act, mikkel, now)

    assert leads("gazelle") == leads("gazzelle") == set()


def test_what_a_next_step_was_is_found_after_it_was_reworded_or_canceled():
    lead, mikkel, now = receive().lead, user(), timezone.now()
    step = add_step(lead, "Feed the gazelle")
    step.text = "Feed the oryx"
    steps.update_next_step(step, by=mikkel, at=now)
    assert leads("gazelle") == leads("oryx") == {lead.pk}

    steps.cancel_next_step(step, by=mikkel, at=now)

    assert leads("gazelle") == leads("oryx") == {lead.pk}


def entries():
    """Of every lead, company, person and inquiry, which words it is found by."""
    found = {}
    with connection.cursor() as cursor:
        for kind in ("company", "contact", "inquiry", "lead"):
            if connection.vendor == "postgresql":
                cursor.execute(f"SELECT id, tsvector_to_array(words) FROM leads_search_{kind}")
                found[kind] = {key: sorted(words) for key, words in cursor.fetchall()}
            else:
                cursor.execute(
                    f"SELECT rowid, who || ' ' || about || ' ' || said || ' ' || source"
                    f" FROM leads_search_{kind}"
                )
                found[kind] = {key: sorted(words.split()) for key, words in cursor.fetchall()}
    return found


def test_whatever_was_added_to_the_entries_they_are_as_if_made_anew(transactional_db):
    mikkel, now = user(name="Mikkel Holm"), timezone.now()
    first, other = receive(message="A gazelle.", company="Springbok").lead, somebody_else().lead
    receive(message="And an oryx.", email="freja.m@nordpay.dk", brief=Brief(title="A kudu"))
    spam = receive(name="Sam", email="sam@spam.example", message="Cheap bongos.")
    both = [first, other]
    done = [
        doing.add_step(both, "Call", due_on=timezone.localdate(), owner=None, by=mikkel, at=now),
        doing.add_step(both, "Ask", due_on=timezone.localdate(), owner=None, by=mikkel, at=now),
        doing.spam_inquiries([spam], by=mikkel, at=now),
        doing.move(both, "lost", lost_because="price", lost_reason="Eland", by=mikkel, at=now),
    ]
    note(first, "An impala.")
    note(first, "An impala.")
    with transaction.atomic():
        undoing.take_back(done[-1].act, mikkel, now)
    change(first.contact, phone="+45 4011 2233")
    Inquiry.objects.filter(lead=first, message="And an oryx.").update(lead=other)
    Activity.objects.filter(lead=first, text="An impala.").first().delete()
    kept = entries()

    remade = upkeep_again()

    assert kept == remade
    assert len(kept["lead"]) == 3


def upkeep_again():
    """All entries, from the rows."""
    upkeep.clear_the_way("default", plan=[(None, False)])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("COMMENT ON TABLE leads_search_vocabulary IS 'of an earlier version'")
    upkeep.keep_in_step("default")
    return entries()


def test_the_index_asks_nothing_while_an_inquiry_is_received():
    with connection.execute_wrapper(_only_rows_of_sales):
        receive(brief=Brief(title="A gazelle"))

    assert leads("gazelle")


def _only_rows_of_sales(execute, sql, params, many, context):
    assert "leads_search" not in sql
    return execute(sql, params, many, context)


def test_more_words_than_an_index_can_hold_are_kept_all_the_same():
    """PostgreSQL refuses a megabyte of different words; of a lead the newest are searched."""
    chance, count = random.Random(1), 22 if connection.vendor == "postgresql" else 3
    texts = [f"{chance.randbytes(25_000).hex(' ', 40)} word{number}" for number in range(count)]
    first = receive(message=texts[0])

    Inquiry.objects.bulk_create(
        Inquiry(
            name="Freja", email=first.email, message=text, contact=first.contact, lead=first.lead,
            wording=first.wording, submission_key=str(number), fingerprint=str(number),
        )
        for number, text in enumerate(texts[1:])
    )  # fmt: skip
    note(first.lead, "A gazelle.")

    assert Inquiry.objects.count() == count
    newest = f"word{count - 1}"
    assert leads("gazelle") == leads("mortensen") == leads(newest) == {first.lead.pk}
    assert search.matching(Inquiry.objects.all(), "word0 ").get() == first


@given(
    st.text(max_size=60) | st.text("aØßÆς İ+4501(0)-./٠۱e\u0301\u00ad日がक्\t\n_'&@", max_size=60)
)
def test_both_databases_read_a_text_alike(text):
    if connection.vendor != "postgresql":
        return  # what SQLite calls is what is compared with here
    text = text.replace("\x00", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT leads_search_plain(%s), leads_search_vector(%s, 'A')", [text, text])
        words, vector = cursor.fetchone()
        cursor.execute("SELECT unnest(tsvector_to_array(%s::tsvector))", [vector])
        tokens = {token for (token,) in cursor.fetchall()}

    assert words.split() == plain(text).split()
    assert {token for token in tokens if token[0] == "+"} == number_tokens(plain(text))


# Erased


def everything_indexed():
    """All that the database holds of words, as one text."""
    if connection.vendor == "postgresql":
        tables = ["company", "contact", "inquiry", "lead"]
        statement = " UNION ALL ".join(
            [f"SELECT words::text FROM leads_search_{kind}" for kind in tables]
            + ["SELECT word FROM leads_search_vocabulary"]
            + ["SELECT words::text FROM leads_search_gone"]
        )
    else:
        statement = " UNION ALL ".join(
            f"SELECT term FROM leads_search_{kind}_vocabulary"
            for kind in ("company", "contact", "inquiry", "lead")
        )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as at the end of a transaction
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(statement)
        return " ".join(word for (word,) in cursor.fetchall())


def test_who_is_erased_leaves_no_word_that_was_theirs_alone():
    theirs = receive(
        message="Gazelles and ledgers. Call 40 11 22 33.", company="Springbok", utm_source="kudu",
        brief=Brief(title="An okapi"), article=article(text={"title": "On impalas"}),
    )  # fmt: skip
    note(theirs.lead, "Oryx.")
    step = add_step(theirs.lead, "Feed the bongo")
    steps.cancel_next_step(step, by=user(), at=timezone.now())
    other = receive(name="Ada Byron", email="ada@x.dk", message="A ledger, gazelles aside.")
    assert "springbok" in everything_indexed()

    erasing.erase(collect([theirs.email]), by=user())

    left = everything_indexed()
    for word in (
        "freja",
        "mortensen",
        "nordpay",
        "springbok",
        "kudu",
        "okapi",
        "oryx",
        "bongo",
        "4011",
    ):
        assert word not in left, word
    assert "gazelles" in left and "ledger" in left, "somebody else said so"
    assert leads("gazzelles") == {other.lead.pk}
    assert leads("frejaa") == leads("springbock") == set()


def test_of_a_lead_with_two_people_the_words_of_the_other_stay():
    theirs, other = receive(message="Gazelles."), somebody_else()
    note(theirs.lead, "Oryx.")
    Inquiry.objects.filter(pk=other.pk).update(lead=theirs.lead)

    erasing.erase(collect([theirs.email]), by=user())

    assert leads("weber") == {other.lead.pk}
    assert "oryx" not in everything_indexed() and "gazelles" not in everything_indexed()


def test_a_word_that_two_who_go_together_share_goes_with_both():
    first, second, third = (
        receive(email=f"{who}@x.dk", message="Gazelles.") for who in ("ida", "eva", "lea")
    )
    somebody_else()

    delete(first)
    assert "gazelles" in everything_indexed()
    delete(second, third)

    assert "gazelles" not in everything_indexed()


def delete(*inquiries):
    """With their leads, which have their words as well."""
    Inquiry.objects.filter(pk__in=[one.pk for one in inquiries]).delete()
    Lead.objects.filter(pk__in=[one.lead_id for one in inquiries]).delete()


REMAINING = {
    "company": lambda word: Company.objects.create(name=word),
    "person": lambda word: Contact.objects.create(name=word, email="a@x.dk", address="a@x.dk"),
    "lead": lambda word: note(somebody_else().lead, word),
    "inquiry": lambda word: receive(email="ada@x.dk", message=word),
    "suspected spam": lambda word: receive(email="ada@x.dk", message=word, signs=SPAM),
}


@pytest.mark.parametrize("is_old", [False, True], ids=["new", "old"])
@pytest.mark.parametrize("have", REMAINING.values(), ids=REMAINING)
def test_a_word_stays_that_an_entry_of_any_kind_still_has(have, is_old):
    have("Gazelle")
    going = receive(message="A gazelle and an oryx.")
    for number in range(8 if is_old else 0):  # more than are read for the words of one
        receive(name="x", email=f"x{number}@x.dk", message=".")

    delete(going)

    assert "oryx" not in everything_indexed()
    assert is_known("gazelle")


def is_known(word):
    """Whether typing errors are corrected to it."""
    if connection.vendor != "postgresql":
        return word in everything_indexed().split()
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM leads_search_vocabulary WHERE word = %s", [word])
        return bool(cursor.fetchall())


def test_of_many_who_go_together_no_word_is_asked_for_twice():
    if connection.vendor != "postgresql":
        return  # FTS5 counts by itself who has a word
    words = [f"gazelle{first}{second}" for first in "abcde" for second in "abcde"]
    _, *going = (receive(email=f"x{n}@x.dk", message=" ".join(words)) for n in range(9))
    for number in range(2 * len(words)):  # more than are read, so that each word is asked for
        receive(email=f"y{number}@x.dk", message="Good morning.")
    everything_indexed()
    before = scans_for_words()

    delete(*going)
    everything_indexed()

    assert all(map(is_known, words))
    assert len(words) <= scans_for_words() - before < 2 * len(words)


def test_what_the_newest_say_is_not_asked_for():
    if connection.vendor != "postgresql":
        return
    going = receive(message="Good morning.")
    for number in range(20):
        receive(email=f"y{number}@x.dk", message="Good morning.")
    everything_indexed()
    before = scans_for_words()

    delete(going)
    everything_indexed()

    assert scans_for_words() - before <= len({"nordpay"})


def scans_for_words():
    """How often the index of the leads' words was read, in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_numscans('leads_search_lead_words'::regclass)")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_last_entries_with_a_word_at_once_the_second_forgets_it(colleague):
    if connection.vendor != "postgresql":
        return  # one writes after the other
    first, second = (receive(email=f"{who}@x.dk", message="Gazelles.") for who in ("ida", "eva"))

    with transaction.atomic():
        delete(first)
        assert "gazelles" in everything_indexed()
        deleting = colleague(delete_at_once, second)
    deleting.result(timeout=20)

    assert "gazelles" not in everything_indexed()


@transaction.atomic
def delete_at_once(*inquiries):
    delete(*inquiries)


def test_emptied_tables_leave_nothing(transactional_db):
    receive(message="Gazelles.")

    call_command("flush", interactive=False, verbosity=0)

    assert "gazelles" not in everything_indexed()


# Made from the rows


def test_an_index_that_is_gone_is_made_again_from_the_rows(transactional_db):
    lead = receive(message="Gazelles.").lead
    note(lead, "Oryx.")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION leads_search_on_activity_insert() CASCADE")
            cursor.execute("COMMENT ON TABLE leads_search_vocabulary IS 'of an earlier version'")
        else:
            cursor.execute("DROP TRIGGER leads_search_on_activity_insert")
    note(lead, "Bongo.")
    assert leads("bongo") == set()

    call_command("migrate", verbosity=0)

    assert leads("bongo") == leads("oryx") == leads("gazzelles") == leads("freja") == {lead.pk}
    note(lead, "Kudu.")
    assert leads("kudu") == {lead.pk}


def test_the_index_stands_on_no_table_of_django():
    names = {model._meta.db_table for model in apps.get_models()}

    assert not {name for name in names if name.startswith("leads_search")}


# The lists of the admin


@pytest.mark.parametrize(
    ("typed", "who"),
    [("quote", "Freja"), ("reconciliation", "Freja"), ("reconcilation", "Freja"),
     ("4011", "Freja"), ("linkedin", "Freja"), ("danish fintech", "Freja")],
)  # fmt: skip
@pytest.mark.parametrize("name", ["lead", "contact", "company"])
def test_the_lists_find_by_notes_messages_phones_and_sources(typed, who, name):
    inquiry = receive(
        message="Our reconciliation: we are a Danish fintech.",
        company="NordPay",
        utm_source="linkedin",
    )
    note(inquiry.lead, "Sent a quote.")
    change(inquiry.lead.contact, phone="+45 4011 2233")
    somebody_else()

    page = signed_in(SALES).get(reverse(f"admin:leads_{name}_changelist"), {"q": typed})

    assert [str(row) for row in page.context["cl"].result_list] == [
        {"lead": "Freja Mortensen · New", "company": "NordPay"}.get(
            name, "Freja Mortensen <freja.m@nordpay.dk>"
        )
    ]


def test_a_list_says_what_it_took_for_a_typing_error():
    receive(message="Our reconciliation.")
    client = signed_in(SALES)

    corrected = client.get("/admin/leads/inquiry/", {"q": "reconcilation"}).text
    plain_page = client.get("/admin/leads/inquiry/", {"q": "reconciliation"}).text

    said = "Nothing contains “reconcilation”. Showing results for “reconciliation”."
    assert said in corrected and "Showing results" not in plain_page


def test_a_list_keeps_its_filters_beside_the_words():
    lost, other = receive().lead, receive(email="another@x.dk").lead
    lose(lost, "No budget")

    page = signed_in(SALES).get("/admin/leads/lead/", {"q": "freja", "stage__exact": "new"})

    assert [lead.pk for lead in page.context["cl"].result_list] == [other.pk]
