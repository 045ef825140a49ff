"""Every variable that is wrong is named, with its fix, in one sentence."""

import os
import subprocess

import pytest
from django.conf import settings

from config.variables import Variables, WrongVariable
from devtools.environment import PYTHON

SITE_URL = ("site_url", {"default": "http://127.0.0.1:8000"})
NUMBER = ("number", {"default": 1, "largest": 100_000})
FLAG = ("flag", {"default": False})
DATABASE = ("database", {"default": settings.VAR_DIR / "db.sqlite3"})
SENDER = ("sender", {"default": "a@example.com"})
READERS = {
    "SECRET_KEY": ("__call__", {}),
    "DEBUG": FLAG,
    "DEMO": FLAG,
    "SITE_URL": SITE_URL,
    "HSTS_SUBDOMAINS": FLAG,
    "HSTS_PRELOAD": FLAG,
    "ALLOWED_HOSTS": ("hosts", {}),
    "VAR_DIR": ("folder", {"default": settings.VAR_DIR}),
    "DATABASE_URL": DATABASE,
    "REDIS_URL": ("redis", {}),
    "PAGE_CACHE_MB": NUMBER,
    "EMAIL_URL": ("mail_server", {}),
    "DEFAULT_FROM_EMAIL": SENDER,
    "ACKNOWLEDGMENTS_PER_HOUR": NUMBER,
    "TRUSTED_PROXIES": ("networks", {"default": ""}),
    "STATUS_TOKEN": ("token", {}),
    "TIME_ZONE": ("time_zone", {"default": "UTC"}),
    "SERVE_MEDIA": FLAG,
    "LOG_LEVEL": ("choice", {"choices": ("DEBUG", "INFO"), "default": "INFO"}),
}
MAY_BE_EMPTY = {"ALLOWED_HOSTS", "REDIS_URL", "EMAIL_URL", "STATUS_TOKEN", "TRUSTED_PROXIES"}
WRONG = {
    "SECRET_KEY": ["a\nb"],
    "DEBUG": ["maybe", "2", "-1"],
    "DEMO": ["maybe"],
    "SITE_URL": [
        *["nonsense", "www.example.com", "//www.example.com", "htps://x.example", "http://"],
        *["https://www.example.com/de", "https://www.example.com?a", "https://www.example.com#a"],
        *["https://me@example.com", "https://a b.example", "https://x.example:port"],
        *["https://x.example:99999", "https://-.example", "https://a..example", "https://[::1"],
        *["https://.example.com", "https://exa\u2028mple.com", "ftp://x.example", "https:///x"],
    ],
    "HSTS_SUBDOMAINS": ["both"],
    "HSTS_PRELOAD": ["both"],
    "ALLOWED_HOSTS": ["https://a.example", "a.example:8000", "a.example b.example", "a/b", "a,*.b"],
    "VAR_DIR": ["/dev/null", "/dev/null/below", "/proc/nowhere"],
    "DATABASE_URL": [
        *["nonsense", "postgres://", "postgres://host", "postgres://host/", "mysql://host/name"],
        *["postgres://me:a/b@host/name", "postgres://host:port/name", "sqlite://", "sqlite:///"],
        *["postgres:host/name", "http://host/name"],
    ],
    "REDIS_URL": [
        *["nonsense", "http://host", "redis://", "redis://host:port", "redis://host/name"],
        *["unix://", "unix:///", "unix:///a.sock?db=x", "redis+socket://", "redis:host"],
    ],
    "PAGE_CACHE_MB": ["many", "-1", "1.5", "100001", "1e3", "9" * 5000, "٣"],
    "EMAIL_URL": [
        *["nonsense", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://host:port"],
        *["smtp+starttls://host", "smtps://a b", "smtp://me@example.com:pw@host/path"],
        *["smtp://host:99999"],
    ],
    "DEFAULT_FROM_EMAIL": [
        *["Clean Systems", "website@", "@example.com", "a@b@", "Clean <website>", "Clean <>"],
        *["a b@example.com", "Clean <a@b c>", "jörg@example.com", "a@example.com, b@example.com"],
        *["Clean\r\nBcc: x <a@example.com>"],
    ],
    "ACKNOWLEDGMENTS_PER_HOUR": ["many", "-1", "0x10"],
    "TRUSTED_PROXIES": ["proxy.example", "10.0.0.1/8", "10.0.0.0/33", "10.0.0", "*", "::1 ::2"],
    "STATUS_TOKEN": ["short", "fifteen-letters", "with blanks in it, many", "schlüssel-schlüssel"],
    "TIME_ZONE": ["Mars/Olympus", "../etc/passwd", "/etc/localtime", "+01:00", "a\0b"],
    "SERVE_MEDIA": ["sometimes"],
    "LOG_LEVEL": ["loud", "10"],
}


def read(name, value):
    method, options = READERS[name]
    return getattr(Variables({name: value}), method)(name, **options)


def test_every_variable_of_the_example_is_tried():
    example = (settings.BASE_DIR / ".env.example").read_text()
    names = {line.lstrip("# ").partition("=")[0] for line in example.splitlines() if "=" in line}

    assert {name for name in names if name.isupper() and " " not in name} <= READERS.keys()
    assert WRONG.keys() == READERS.keys()


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_value_is_named_with_its_fix(name, value):
    with pytest.raises(WrongVariable) as refused:
        read(name, value)

    sentence = str(refused.value)
    assert sentence.startswith(f"{name} ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert any(word in sentence for word in ("Set it", "Write", "Name one", "Remove"))


@pytest.mark.parametrize("value", ["", " ", "\u00a0"])
@pytest.mark.parametrize("name", READERS)
def test_an_empty_value_is_a_mistake_but_where_it_has_a_meaning(name, value):
    if name in MAY_BE_EMPTY:
        assert not any(read(name, value))
    else:
        with pytest.raises(WrongVariable, match=f"^{name} is empty. Give it a value or remove it"):
            read(name, value)


@pytest.mark.parametrize("value", ["postgres://me:s3cret/x@host/name", "redis://:s3cret@host/x"])
def test_a_password_is_never_said(value):
    with pytest.raises(WrongVariable) as refused:
        read("DATABASE_URL" if "postgres" in value else "REDIS_URL", value)

    assert "s3cret" not in str(refused.value)


RIGHT = [
    ("STATUS_TOKEN", " sixteen-letters- ", "sixteen-letters-"),
    ("SECRET_KEY", "$a$b", "$a$b"),
    ("DEBUG", "ON", True),
    ("SITE_URL", "https://www.example.com/", "https://www.example.com"),
    ("SITE_URL", " HTTPS://WWW.Example.com:443 ", "https://www.example.com"),
    ("SITE_URL", "https://bücher.example", "https://xn--bcher-kva.example"),
    ("SITE_URL", "https://faß.example", "https://xn--fa-hia.example"),
    ("SITE_URL", "http://[::1]:8000", "http://[::1]:8000"),
    (
        "ALLOWED_HOSTS",
        " a.example , b.example,,.c.example ",
        ["a.example", "b.example", ".c.example"],
    ),
    ("ALLOWED_HOSTS", "bücher.example", ["xn--bcher-kva.example"]),
    ("REDIS_URL", "redis://:pw@host:6379/2", ("redis://:pw@host:6379/2",) * 2),
    (
        "REDIS_URL",
        "unix:///run/redis.sock?db=3",
        ("unix:///run/redis.sock?db=3", "redis+socket:///run/redis.sock?virtual_host=3"),
    ),
    (
        "REDIS_URL",
        "redis+socket:///run/redis.sock",
        ("unix:///run/redis.sock?db=0", "redis+socket:///run/redis.sock?virtual_host=0"),
    ),
    ("DEFAULT_FROM_EMAIL", "Clean Systems <a@example.com>", "Clean Systems <a@example.com>"),
    (
        "DEFAULT_FROM_EMAIL",
        "Clean Systems, Inc. <a@example.com>",
        '"Clean Systems, Inc." <a@example.com>',
    ),
    ("DEFAULT_FROM_EMAIL", '"Clean, Inc." <a@example.com>', '"Clean, Inc." <a@example.com>'),
    (
        "DEFAULT_FROM_EMAIL",
        "Clean: Sales [Web] <a@b.example>",
        '"Clean: Sales [Web]" <a@b.example>',
    ),
    ("DEFAULT_FROM_EMAIL", "a@bücher.example", "a@xn--bcher-kva.example"),
    ("LOG_LEVEL", "info", "INFO"),
]


@pytest.mark.parametrize(("name", "value", "meant"), RIGHT)
def test_what_is_meant_is_understood(name, value, meant):
    assert read(name, value) == meant


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://host", 25, False, False),
        ("smtp+tls://host", 587, True, False),
        ("smtp+ssl://host", 465, False, True),
        ("smtps://host", 465, False, True),
        ("smtps://host:2465", 2465, False, True),
    ],
)
def test_the_scheme_says_how_the_mail_server_is_spoken_to(url, port, tls, ssl):
    found = read("EMAIL_URL", url)

    assert found["EMAIL_PORT"] == port
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (tls, ssl)


def test_a_folder_may_have_any_name():
    path = settings.VAR_DIR / "c++ 100%" / "a?b#c" / "db.sqlite3"

    assert Variables({}).database("DATABASE_URL", default=path)["NAME"] == str(path)
    assert read("DATABASE_URL", "sqlite:////srv/c++/db.sqlite3")["NAME"] == "/srv/c++/db.sqlite3"


def start(command, **variables):
    """With these variables besides ours, and without those that are None."""
    wanted = {**os.environ, **variables}
    environment = {name: value for name, value in wanted.items() if value is not None}
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120
    )


def test_options_of_the_database_win_over_ours():
    show = "from config import settings as s; print(s.DATABASES['default'])"
    url = "postgres://host/name?connect_timeout=30&CONN_MAX_AGE=0"

    said = start([PYTHON, "-c", show], DATABASE_URL=url).stdout

    assert "'connect_timeout': 30" in said
    assert "'CONN_MAX_AGE': 0" in said
    assert "'keepalives_idle': 10" in said
    assert "'options': '-c jit=off'" in said


STARTS = {
    "manage.py": [PYTHON, "manage.py", "check"],
    "the web server": [PYTHON, "-c", "import config.wsgi"],
    "the worker": [PYTHON, "-m", "celery", "-A", "config", "worker", "--pool", "solo"],
}


@pytest.mark.parametrize("command", STARTS.values(), ids=STARTS.keys())
def test_a_wrong_variable_ends_every_start_with_one_sentence(command):
    done = start(command, SITE_URL="htps://x.example")

    assert done.returncode
    assert "SITE_URL does not begin with http:// or https://" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "fix"),
    [("HSTS_PRELOAD", "Set HSTS_SUBDOMAINS=1 or HSTS_PRELOAD=0."), ("DEBUG", "Set DEBUG=0")],
)
def test_what_is_wrong_together_ends_a_start(name, fix):
    done = start(STARTS["the web server"], SITE_URL="https://x.example", **{name: "1"})

    assert done.returncode
    assert fix in done.stderr
    assert "Traceback" not in done.stderr


SERVERS = {"EMAIL_URL": "", "DATABASE_URL": "sqlite:////{}/x.sqlite3", "REDIS_URL": ""}


@pytest.mark.parametrize(
    ("command", "missing"), list(zip(STARTS.values(), SERVERS, strict=True)), ids=STARTS.keys()
)
def test_a_site_for_visitors_starts_without_no_server_unasked(tmp_path, command, missing):
    given = {name: value.format(tmp_path) for name, value in SERVERS.items()} | {missing: None}

    done = start(command, SITE_URL="https://x.example", **given)

    assert done.returncode
    assert f"{missing} is not set: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_site_for_visitors_without_servers_is_warned_of_where_it_asks_for_that(tmp_path):
    given = {name: value.format(tmp_path) for name, value in SERVERS.items()}

    done = start(STARTS["manage.py"], SITE_URL="https://x.example", **given)

    assert not done.returncode
    for name in SERVERS:
        assert f"{name} names no server: " in done.stderr


def test_a_developers_site_needs_no_server():
    done = start(STARTS["manage.py"], **dict.fromkeys(SERVERS))

    assert not done.returncode
    assert "no server" not in done.stderr
