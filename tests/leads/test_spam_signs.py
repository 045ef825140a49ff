"""The signs of spam: each is found, none counts without limit, and together they tell apart."""

import re

import pytest

from benchmarks import spam_filter
from leads.spam import phrases, weighing
from leads.spam.phrases import Phrases
from leads.spam.weights import (
    DOUBTFUL_FROM,
    MAX_FOR_A_PERSON,
    MAX_FOR_OFFERS,
    OFFERS,
    SUSPECTED_FROM,
    WEIGHTS,
)
from tests.cpu import costs_more

OF_THE_PAST = {"same_opening", "sender", "domain", "known", "learned", "learned_real"}

# The kind of a sign, and a message (or other fields) that has it.
SIGNS = [
    ("trap", {"trap": "x"}),
    ("fast", {"seconds": 2.9}),
    ("no_script", {"seconds": None}),
    ("links", "https://a.example and www.b.example"),
    ("messenger", "Write to me at t.me/somebody"),
    ("messenger", "Telegram: @somebody"),
    ("only_link", "Look: https://a.example/"),
    ("name_is_a_link", {"name": "www.a.example"}),
    ("name_is_a_link", {"company": "See https://a.example"}),
    ("markup", "[url=https://a.example]here[/url]"),
    ("markup", '<A class="x" HREF="https://a.example">here</a>'),
    ("html", "<b>Now</b>"),
    ("template", "{Hi|Hello|Hey} there"),
    ("template", "Hi {{ first_name }}, a word about {company}"),
    ("template", "Dear [Company Name]"),
    ("template", "Dear %FIRSTNAME%"),
    ("probe", "' OR 1=1 --"),
    ("probe", "<sCrIpT>1</sCrIpT>"),
    ("disguised", "Best c\u0430sino"),
    ("disguised", "ca\u200bsino bo\u200bnus"),
    ("disguised", "𝐁𝐞𝐬𝐭 𝐨𝐟𝐟𝐞𝐫"),
    ("disguised", "The best C A S I N O here"),
    ("other_script", "Добрый день, коллеги"),
    ("gibberish", "asdf asdf asdf"),
    ("gibberish", "hello Hello hello"),
    ("gibberish", "xkcdqwrt"),
    ("gibberish", "..."),
    ("testing", "This is a test."),
    ("mashed_name", {"name": "kHqTzWpLrB"}),
    ("borrowed_company", {"company": "Google", "email": "a@mail.example"}),
    ("price", "From $99"),
    ("price", "Now 30 % off"),
    ("pictures", "Hello 🚀"),
    ("exclamations", "Hi! Now! Look!"),
    ("short", "Hello there"),
    ("about_you", "Your shop"),
    ("ranking", "The first page of Google"),
    ("links_wanted", "We accept guest posts"),
    ("lists", "A verified email list"),
    ("building", "We can redesign it"),
    ("promotion", "Buy followers"),
    ("gambling", "Лучшее онлайн казино"),
    ("pharmacy", "Cheap v1agra and Viagra"),
    ("dating", "Hot singles"),
    ("investing", "Passive income"),
    ("lending", "A business loan"),
    ("legacy", "I am your next of kin"),
    ("goods", "Factory price"),
    ("services", "Office cleaning"),
    ("alarm", "Your domain name will soon expire"),
    ("jobs", "Part time job"),
    ("offer", "We help companies like yours"),
    ("pitch", "Grow your business"),
    ("ask", "A quick chat?"),
    ("deal", "Money back"),
    ("found_you", "I came across your website"),
    ("yours", "Ihre Website"),
    ("mass", "Unsubscribe"),
    ("nothing_asked", "The weather is fine"),
    ("need", "Vi har brug for hjælp"),
    ("ours", "Our database"),
    ("trouble", "It stopped working"),
    ("engineering", "A deadlock"),
    ("business", "Month end"),
    ("code", "It says `null`"),
    ("code", 'Traceback (most recent call last):\n  File "a.py", line 2'),
    ("code", "SELECT name FROM person"),
    ("version", "PostgreSQL 16"),
    ("version", "We are on 4.2.1"),
    ("former", "You built it in 2022"),
    ("reading", "Your article about queues"),
    ("applying", "An internship"),
    ("privacy", "Delete my data"),
    ("matters", "I have a parcel with your name on it; which floor?"),
    ("story", "They came, because nobody was here when it fell"),
    ("aside", "Ten (or so)"),
    ("long", "word " * 90),
    ("phone", "Call +45 20 00 41 17"),
]


def kinds(given) -> list[str]:
    fields = {"message": given} if isinstance(given, str) else {"message": "Hello"} | given
    facts = {"name": "Ada", "company": "", "seconds": 40.0} | fields
    return [sign.kind for sign in weighing.signs_of(**facts)]


def points(message, *, seconds=40.0, **facts) -> int:
    facts = {"name": "Ada", "company": ""} | facts
    return weighing.points(weighing.signs_of(message=message, seconds=seconds, **facts))


@pytest.mark.parametrize(("kind", "given"), SIGNS)
def test_a_sign_is_found(kind, given):
    assert kind in kinds(given)


def test_every_sign_is_tried_here():
    assert {kind for kind, _ in SIGNS} | OF_THE_PAST == WEIGHTS.keys()


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("links", "https://a.example"),
        ("only_link", "See https://status.example/incident: the queue stands still since noon"),
        ("messenger", "Our connect.me import and the bit.lyric file"),
        ("markup", 'The template has <a href="/x"> in it'),
        ("template", "Its type is {a: 1} or [1, 2]"),
        ("template", "We use {{ user.name }} there"),
        ("probe", "Your search shows <script> unescaped in the title of the page when I type it "
         "there with a bracket before it."),
        ("disguised", "Интеграция SQL и Python, 1С"),
        ("disguised", "کتاب\u200cها و می\u200cخواهم"),
        ("gibberish", "Call me"),
        ("mashed_name", {"name": "Zdzisław Brzęczyszczykiewicz"}),
        ("borrowed_company", {"company": "Google", "email": "a@google.com"}),
        ("code", "UPDATE! DELETE THIS! ERROR IN YOUR LISTING"),
        ("code", "contact me @some_body or t.me/some_body"),
        ("version", "It costs 1.750.000"),
        ("other_script", "Smørrebrød på Nørrebro"),
    ],
)  # fmt: skip
def test_a_sign_is_not_seen_where_there_is_none(kind, given):
    assert kind not in kinds(given)


def test_case_accents_and_width_make_no_difference():
    for message in (
        "First page of Google",
        "ＦＩＲＳＴ　ＰＡＧＥ　ＯＦ　ＧＯＯＧＬＥ",
        "fírst pàge of gööglé",
    ):
        assert "ranking" in kinds(message)


def test_look_alikes_and_unseen_letters_do_not_hide_a_phrase():
    assert {"disguised", "gambling"} <= {*kinds("Online c\u0430sin\u043e b\u043enus")}
    assert {"disguised", "gambling"} <= {*kinds("onl\u200bine cas\u200bino")}


class TestPhrases:
    FOUND = Phrases({"one": ["alpha beta", "gam* .. delta", "alpha"], "two": ["検索"]})

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("alpha beta", {"one": ["alpha beta"]}),
            ("alpha, and alpha!", {"one": ["alpha"]}),
            ("gamma x y z delta", {"one": ["gamma x y z delta"]}),
            ("gamma x y z z delta", {}),
            ("alphabet", {}),
            ("最検索順位", {"two": ["検索"]}),
            ("", {}),
        ],
    )
    def test_are_found_as_written(self, text, found):
        assert self.FOUND.find(phrases.normal(text)) == found

    def test_that_could_not_be_looked_up_are_refused(self):
        for phrase in ("ab*", "", "!"):
            with pytest.raises(ValueError, match="looked up"):
                Phrases({"one": [phrase]})

    def test_of_the_product_have_weights_and_speak_for_one_theme_each(self):
        written = phrases.load()
        themes = written.keys() - {"you", "we"}
        every = [phrases.normal(one) for theme in themes for one in set(written[theme])]

        assert themes <= WEIGHTS.keys() and themes >= OFFERS
        assert {one for one in every if every.count(one) > 1} == set()


class TestLimits:
    @pytest.mark.parametrize("kind", [kind for kind, weight in WEIGHTS.items() if weight.most > 1])
    def test_a_sign_counts_no_more_often_than_its_weight_says(self, kind):
        weight = WEIGHTS[kind]

        sign = weighing._sign(kind, times=weight.most + 5)

        assert sign.points == weight.most * weight.points

    def test_many_trades_count_no_more_than_one_and_a_half(self):
        signs = [weighing._sign(kind, times=9) for kind in OFFERS]

        assert weighing.points(signs) == MAX_FOR_OFFERS

    def test_no_words_outweigh_everything(self):
        spam = (
            "We offer the best online casino: free spins, no deposit bonus, passive income. "
            "Grow your business! Join now! Click here! t.me/casino https://a.example "
        )
        padding = "Our PostgreSQL 16 deadlock, `null`, Traceback (, we need help, we run Kafka. "

        assert points(padding * 20) < -MAX_FOR_A_PERSON / 2
        assert points(spam + padding * 20, trap="x") >= DOUBTFUL_FROM

    def test_what_comes_late_in_a_long_message_counts(self):
        filler = "word " * 9_000

        assert points(filler + "online casino, free spins") > points(filler)


class TestQuotedSpam:
    PITCH = "Dear webmaster, we offer 500 quality backlinks and the first page of Google from $99."

    @pytest.mark.parametrize(
        "message",
        [
            "Hello, I received this with your name below it. Was it really you?\n\n> {}",
            "Hello, I received this with your name below it: “{}” Was it really you?",
            "Hello, I received this with your name below it, was it really you?\n\nFrom: You\n\n{}",
        ],
    )  # fmt: skip
    def test_is_not_held_against_whoever_asks_about_it(self, message):
        assert points(message.format(self.PITCH)) < DOUBTFUL_FROM

    @pytest.mark.parametrize("message", ["> {}", "“{}”", "From: me\n{}", "Hi all\n> {}"])
    def test_is_spam_where_there_is_hardly_anything_else(self, message):
        assert points(message.format(self.PITCH)) >= SUSPECTED_FROM


@pytest.mark.parametrize(
    "message",
    [
        "Dear webmaster! Our team can place 500 high authority links to you in seven days, "
        "starting at $99.",
        "Hi, we can put your website on the first page of Google. SEO services from $99.",
        "Предлагаем базы email для рассылки. Рассылка писем по вашей базе.",
        "Лучшее онлайн казино! Бонус https://casino.example",
        "I'm Sarah. I came across your website. We offer website design services at affordable "
        "prices. Can I send you a free quote?",
        "asdf asdf asdf",
        "hello hello hello hello",
    ],
)
def test_plain_spam_is_held(message):
    assert points(message) >= SUSPECTED_FROM


@pytest.mark.parametrize("seconds", [1.8, 2.6, 2.9, None, 600.0])
@pytest.mark.parametrize(
    "message",
    [
        "We need a ledger.",
        "Call me, please: +45 20 00 41 17. It is about our order system",
        "PRODUCTION IS DOWN SINCE 03:00",
        "We run a crypto exchange and need a double-entry ledger for BTC withdrawals.",
        "Hvad koster det? Vi har brug for hjælp til vores køsystem.",
        "See https://status.example.com/incident, our queue stands still.",
        "決済システムの移行について相談したいです。バックエンドの開発を依頼できますか。",
    ],
)
def test_a_person_is_a_person_however_fast_and_with_or_without_script(message, seconds):
    assert points(message, seconds=seconds) < DOUBTFUL_FROM


@pytest.mark.parametrize(
    "text",
    ["a " * 25_000, "<a " * 17_000, "[" * 50_000, "{" * 50_000, "{a|" * 17_000, "we are a " * 6_000,
     "earn $1," * 6_000, "earn $" + "1," * 25_000, "www." * 12_000, "first " * 9_000,
     "казино " * 7_000, '"' * 50_000, "“a" * 25_000, "> \n" * 17_000, "From: " * 9_000,
     "a_" * 25_000, "1 " * 25_000, "+1-" * 16_000, "a\u200b" * 25_000, "a\u0430" * 25_000,
     "検索順位" * 12_000, "`" * 50_000, "SELECT " * 7_000, "\ufdfa" * 50_000, "your " * 10_000,
     " ".join(f"your{n}" for n in range(8_000))],
)  # fmt: skip
def test_no_text_takes_long_to_weigh(text):
    assert not costs_more(lambda: points(text, name=text, company=text, email=text), 0.05)


def test_a_reason_says_what_was_found_and_how_much_it_counts():
    signs = weighing.signs_of(
        name="", company="", message="Free spins! Our database", trap="x", seconds=1.0
    )

    reasons = weighing.reasons(signs)

    assert reasons[0] == "The hidden field was filled in. (+5)"
    assert "Gambling: “free spins”. (+2)" in reasons
    assert "Filled in fast: in 1.0 seconds. (+2)" in reasons
    assert "About their own systems: “our database”. (-1)" in reasons
    assert all(re.fullmatch(r".+\. \([+-]\d+\)", reason) for reason in reasons)


class TestTheCorpus:
    CORPUS = spam_filter.corpus()
    UNSEEN = [one for one in CORPUS if not one.is_seen]

    def test_it_is_large_half_spam_and_in_many_languages(self):
        spam = [one for one in self.CORPUS if one.is_spam]

        assert len(self.CORPUS) >= 300
        assert 0.4 < len(spam) / len(self.CORPUS) < 0.6
        assert len({one.language for one in self.CORPUS}) > 30
        assert len({one.message for one in self.CORPUS}) == len(self.CORPUS)

    def test_unseen_spam_is_held_or_marked_and_unseen_inquiries_are_not_held(self):
        share = spam_filter.share

        assert share(self.UNSEEN, "spam", "held", "marked") >= 95
        assert share(self.UNSEEN, "real", "held") <= 1

    def test_so_is_the_whole_corpus_and_few_real_inquiries_are_marked(self):
        share = spam_filter.share

        assert share(self.CORPUS, "spam", "held", "marked") >= 95
        assert share(self.CORPUS, "real", "held") <= 1
        assert share(self.CORPUS, "real", "marked") < 5

    def test_the_weights_are_those_that_learning_from_the_seen_part_comes_to(self):
        learned = spam_filter.learn([one for one in self.CORPUS if one.is_seen])

        assert all(abs(learned[kind] - WEIGHTS[kind].points) < 0.8 for kind in WEIGHTS)
