"""Every variable that is wrong is named, with its fix, in one sentence."""

import ast
import os
import subprocess
from types import SimpleNamespace

import pytest
from django.conf import settings

from config import checks
from config.reading import SECRETS, WrongVariable
from config.variables import Variables
from devtools.environment import PYTHON
from mail.tasks import deliver

SITE_URL = ("site_url", {"default": "http://127.0.0.1:8000"})
NUMBER = ("number", {"default": 1, "largest": 100_000})
FLAG = ("flag", {"default": False})
DATABASE = ("database", {"default": settings.VAR_DIR / "db.sqlite3"})
SENDER = ("sender", {"default": "a@example.com"})
READERS = {
    "SECRET_KEY": ("__call__", {}),
    "SECRET_KEY_FALLBACKS": ("former_keys", {"present": "the-present-key-of-this-site"}),
    "DEBUG": FLAG,
    "DEMO": FLAG,
    "SITE_URL": SITE_URL,
    "HSTS_SUBDOMAINS": FLAG,
    "HSTS_PRELOAD": FLAG,
    "ALLOWED_HOSTS": ("hosts", {}),
    "VAR_DIR": ("folder", {"default": settings.VAR_DIR}),
    "STATIC_ROOT": ("folder_to_read", {"default": settings.VAR_DIR / "static"}),
    "DATABASE_URL": DATABASE,
    "DATABASE_DIRECT_URL": ("direct_database", {}),
    "MEDIA_STORAGE_URL": ("bucket", {"folder": "media"}),
    "BACKUP_STORAGE_URL": ("bucket", {"folder": "backups"}),
    "REDIS_URL": ("redis", {}),
    "TLS_WAIVED": ("waivers", {}),
    "PAGE_CACHE_MB": NUMBER,
    "EMAIL_URL": ("mail_server", {}),
    "DEFAULT_FROM_EMAIL": SENDER,
    "ACKNOWLEDGMENTS_PER_HOUR": NUMBER,
    "NOTIFICATIONS_PER_HOUR": NUMBER,
    "ERASURE_KEY": ("__call__", {"default": "", "may_be_empty": True}),
    "TRUSTED_PROXIES": ("networks", {"default": ""}),
    "STATUS_TOKEN": ("token", {}),
    "AUDIT_LOG_DAYS": ("number", {"default": 730, "smallest": 90, "largest": 3_650}),
    "BACKUP_DIR": ("folder_if_any", {}),
    "BACKUP_DAYS": ("number", {"default": 30, "smallest": 1, "largest": 3_650}),
    "BACKUP_KEY": ("recipient", {}),
    "SECOND_FACTOR_GRACE_DAYS": ("days", {"default": 7}),
    "TIME_ZONE": ("time_zone", {"default": "UTC"}),
    "SERVE_MEDIA": FLAG,
    "SENTRY_DSN": ("dsn", {}),
    "SLOW_QUERY_MS": NUMBER,
    "LOG_LEVEL": ("choice", {"choices": ("DEBUG", "INFO"), "default": "INFO"}),
    "LOG_FORMAT": ("choice", {"choices": ("JSON", "TEXT"), "default": "TEXT"}),
}
MAY_BE_EMPTY = {
    *("ALLOWED_HOSTS", "REDIS_URL", "EMAIL_URL", "STATUS_TOKEN"),
    *("SECRET_KEY_FALLBACKS", "TLS_WAIVED", "TRUSTED_PROXIES", "BACKUP_DIR", "BACKUP_KEY"),
    *("ERASURE_KEY", "DATABASE_DIRECT_URL", "MEDIA_STORAGE_URL", "SENTRY_DSN"),
    "BACKUP_STORAGE_URL",
}
WRONG = {
    "SECRET_KEY": ["a\nb"],
    "SECRET_KEY_FALLBACKS": [
        *["short", "a-key-that-is-long-enough,short", "a-key-that-is\nlong-enough"],
        "a-key-that-is-long-enough, the-present-key-of-this-site",
    ],
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
    "STATIC_ROOT": ["/dev/null", "/dev/null/below", "/proc/nowhere"],
    "DATABASE_URL": [
        *["nonsense", "postgres://", "postgres://host", "postgres://host/", "mysql://host/name"],
        *["postgres://me:a/b@host/name", "postgres://host:port/name", "sqlite://", "sqlite:///"],
        *["postgres:host/name", "http://host/name", "postgres://host/name?pool_mode=statement"],
    ],
    "DATABASE_DIRECT_URL": ["nonsense", "postgres://", "mysql://host/name"],
    "BACKUP_STORAGE_URL": ["nonsense", "https://host/bucket", "s3://key:secret@host"],
    "MEDIA_STORAGE_URL": [
        *["nonsense", "https://host/bucket", "s3://host/bucket", "s3://key@host/bucket", "s3://"],
        *["s3://key:secret@host", "s3://key:secret@host/", "s3://key:secret@host/B"],
        *[
            "s3://key:a/b@host/bucket",
            "s3://key:secret@host:port/bucket",
            "s3://key:secret@/bucket",
        ],
        *["s3://key:secret@host/bucket/../other", "s3://key:secret@host/bucket?acl=public"],
        *["s3://key:secret@host/bucket?addressing=dns", "s3://key:secret@host/bucket/a b"],
    ],
    "REDIS_URL": [
        *["nonsense", "http://host", "redis://", "redis://host:port", "redis://host/name"],
        *["unix://", "unix:///", "unix:///a.sock?db=x", "redis+socket://", "redis:host"],
        *["sentinel://", "sentinel://a,b", "sentinel://a,/master", "sentinel:///master/0"],
        *["sentinel://a:99999/master", "sentinel://a/master/x", "sentinel://a/m?db=1"],
    ],
    "TLS_WAIVED": [
        *["1", "all", "postgresql", "postgresql:", "postgresql: why", "mysql: the same machine"],
        *["redis: the same machine; redis: the same machine", ": the same machine"],
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
    "NOTIFICATIONS_PER_HOUR": ["many", "-1", "2e3"],
    "ERASURE_KEY": ["a\nb"],
    "TRUSTED_PROXIES": ["proxy.example", "10.0.0.1/8", "10.0.0.0/33", "10.0.0", "*", "::1 ::2"],
    "BACKUP_DIR": ["/dev/null", "/dev/null/below"],
    "BACKUP_DAYS": ["all", "0", "3651"],
    "BACKUP_KEY": [
        *["age1", "age1UPPER", "me", "@example.com", "ABCDEF", "--output=x@example.com"],
        *["AGE-SECRET-KEY-1" + "Q" * 58, "a@example.com b@example.com"],
    ],
    "AUDIT_LOG_DAYS": ["always", "0", "89", "3651"],
    "SECOND_FACTOR_GRACE_DAYS": ["soon", "-1", "1000", "7 days"],
    "STATUS_TOKEN": ["short", "fifteen-letters", "with blanks in it, many", "schlüssel-schlüssel"],
    "TIME_ZONE": ["Mars/Olympus", "../etc/passwd", "/etc/localtime", "+01:00", "a\0b"],
    "SERVE_MEDIA": ["sometimes"],
    "SENTRY_DSN": [
        *["on", "sentry.example/1", "https://sentry.example/1", "https://k@sentry.example/"],
        *[
            "https://k@sentry.example/name",
            "ftp://k@sentry.example/1",
            "https://k@sentry.example/1?a",
        ],
        *["https://k@/1", "https://k@sentry.example:port/1"],
    ],
    "SLOW_QUERY_MS": ["slow", "-1", "0.5"],
    "LOG_LEVEL": ["loud", "10"],
    "LOG_FORMAT": ["yaml", "1"],
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
        assert not any(read(name, value) or ())
    else:
        with pytest.raises(WrongVariable, match=f"^{name} is empty. Give it a value or remove it"):
            read(name, value)


@pytest.mark.parametrize("value", ["postgres://me:s3cret/x@host/name", "redis://:s3cret@host/x"])
def test_a_password_is_never_said(value):
    with pytest.raises(WrongVariable) as refused:
        read("DATABASE_URL" if "postgres" in value else "REDIS_URL", value)

    assert "s3cret" not in str(refused.value)


RIGHT = [
    (
        "SECRET_KEY_FALLBACKS",
        "the-key-of-last-year, the-key-before-it,",
        ["the-key-of-last-year", "the-key-before-it"],
    ),
    (
        "TLS_WAIVED",
        "PostgreSQL: a private network; smtp: relay: same rack;",
        {"postgresql": "a private network", "smtp": "relay: same rack"},
    ),
    (
        "REDIS_URL",
        "rediss://host/1",
        ("rediss://host/1", "rediss://host/1?ssl_cert_reqs=required"),
    ),
    (
        "REDIS_URL",
        "rediss://host?ssl_ca_certs=/a.pem",
        (
            "rediss://host?ssl_ca_certs=/a.pem",
            "rediss://host?ssl_ca_certs=/a.pem&ssl_cert_reqs=required",
        ),
    ),
    ("REDIS_URL", "rediss://host?ssl_cert_reqs=none", ("rediss://host?ssl_cert_reqs=none",) * 2),
    (
        "REDIS_URL",
        "sentinel://:p%2Fw@a:1,[::1]/main/2?sentinel_password=x",
        (
            "sentinel://:p%2Fw@a:1,[::1]/main/2?sentinel_password=x",
            "sentinel://:p%2Fw@a:1/2;sentinel://:p%2Fw@[::1]:26379/2",
        ),
    ),
    (
        "MEDIA_STORAGE_URL",
        "s3://key:a%2Fb+c@[::1]:9000/site.media/public?region=eu&addressing=virtual",
        {
            "access_key": "key",
            "secret_key": "a/b+c",
            "bucket_name": "site.media",
            "location": "public",
            "endpoint_url": "https://[::1]:9000",
            "region_name": "eu",
            "addressing_style": "virtual",
            "ca_certs": "",
        },
    ),
    (
        "BACKUP_STORAGE_URL",
        "s3+http://key:secret@10.0.0.5:9000/site",
        {
            "access_key": "key",
            "secret_key": "secret",
            "bucket_name": "site",
            "location": "backups",
            "endpoint_url": "http://10.0.0.5:9000",
            "region_name": "us-east-1",
            "addressing_style": "path",
            "ca_certs": "",
        },
    ),
    ("ERASURE_KEY", " the first secret key ", "the first secret key"),
    ("STATUS_TOKEN", " sixteen-letters- ", "sixteen-letters-"),
    ("BACKUP_KEY", f"age1{'q' * 58}", f"age1{'q' * 58}"),
    ("BACKUP_KEY", "Backup@example.com", "Backup@example.com"),
    ("BACKUP_KEY", "0123 4567 89AB CDEF 0123", "0123456789ABCDEF0123"),
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


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("postgres://me@%2FRun%2Fpostgresql/site", {"USER": "me", "HOST": "/Run/postgresql"}),
        ("postgres://me@%2frun%2fa.b:5433/site", {"HOST": "/run/a.b", "PORT": 5433}),
        ("postgres://me@//run/postgresql/site", {"USER": "me", "HOST": "/run/postgresql"}),
        ("postgres:///site?host=/run/postgresql&port=5433", {"HOST": "/run/postgresql"}),
        ("postgres:///site?host=db&port=5433", {"HOST": "db", "PORT": "5433"}),
        ("postgres:///site?hostaddr=10.0.0.5", {"HOST": "10.0.0.5"}),
        ("postgres:///?dbname=site&user=me&password=00+2", {"USER": "me", "PASSWORD": "00+2"}),
        ("postgres://me:p%2Fw@db.example,[::1]:5433/site", {"HOST": "db.example,[::1]"}),
    ],
)
def test_a_database_is_named_as_postgresqls_programs_take_it(url, meant):
    found = read("DATABASE_URL", url)

    assert {key: found[key] for key in ["NAME", *meant]} == {"NAME": "site", **meant}
    # pg_dump gets nothing but those: of options it would know nothing, and dump another database.
    assert not {"host", "port", "user", "password", "dbname"} & found.get("OPTIONS", {}).keys()


def test_options_of_the_database_win_over_ours():
    show = "from config import settings as s; print(s.DATABASES['default'])"
    url = "postgres://host/name?connect_timeout=30&CONN_MAX_AGE=0"

    said = start([PYTHON, "-c", show], DATABASE_URL=url).stdout

    assert "'connect_timeout': 30" in said
    assert "'CONN_MAX_AGE': 0" in said
    assert "'keepalives_idle': 10" in said
    assert "'options': '-c jit=off'" in said


def test_nothing_starts_that_would_show_readers_the_archives():
    both = {"MEDIA_STORAGE_URL": "s3://k:s@host/site", "BACKUP_STORAGE_URL": "s3://k:s@host/site"}

    apart = start([PYTHON, "-c", "import config.settings"], **both)
    shown = start(
        [PYTHON, "-c", "import config.settings"],
        **both | {"BACKUP_STORAGE_URL": "s3://k:s@host/site/media/backups"},
    )

    assert not apart.returncode, apart.stderr
    assert shown.stderr.startswith("BACKUP_STORAGE_URL names the folder of uploads, or one within")


def test_a_web_process_is_less_patient_unless_it_is_told_otherwise():
    show = "from config import settings as s; print(s.DATABASES['default']['FOR_VISITORS'])"
    url = "postgres://host/name?tcp_user_timeout=9000"

    said = start([PYTHON, "-c", show], DATABASE_URL=url).stdout

    assert said.strip() == "{'keepalives_idle': 1, 'keepalives_interval': 1}"


def test_a_task_is_handed_to_another_worker_only_when_it_must_have_ended():
    show = "from config import settings as s; print(s.CELERY_BROKER_TRANSPORT_OPTIONS)"

    said = start([PYTHON, "-c", show], REDIS_URL="redis://host/0").stdout

    assert ast.literal_eval(said)["visibility_timeout"] > deliver.time_limit


def test_behind_a_pooler_nothing_is_asked_of_a_session():
    show = "from config import settings as s; print(s.DATABASES['default'])"

    said = start([PYTHON, "-c", show], DATABASE_URL="postgres://host/name?pool_mode=transaction")

    assert "'DISABLE_SERVER_SIDE_CURSORS': True" in said.stdout
    assert "pool_mode" not in said.stdout and "jit" not in said.stdout


STARTS = {
    "manage.py": [PYTHON, "manage.py", "check"],
    "the web server": [PYTHON, "-c", "import config.wsgi"],
    "the worker": [PYTHON, "-m", "celery", "-A", "config", "worker", "--pool", "solo"],
}


BEAT = {"beat": [PYTHON, "-m", "celery", "-A", "config", "beat"]}


@pytest.mark.parametrize("command", [*STARTS.values(), *BEAT.values()], ids=[*STARTS, *BEAT])
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


def in_file(name, path):
    method, options = READERS[name]
    return getattr(Variables({f"{name}_FILE": str(path)}), method)(name, **options)


@pytest.mark.parametrize("name", SECRETS)
def test_each_secret_may_stand_in_a_file(tmp_path, name):
    [right, *_] = [value for known, value, _ in [*RIGHT, *SECRETS_OF_SERVERS] if known == name]
    (tmp_path / "secret").write_text(f"{right}\n")

    assert in_file(name, tmp_path / "secret") == read(name, right)
    assert not Variables({f"{name}_FILE": str(tmp_path / "secret")}).not_set(name)


SECRETS_OF_SERVERS = [
    ("DATABASE_URL", "postgres://me:s3cret@host/name", None),
    ("EMAIL_URL", "smtps://me:s3cret@host", None),
    ("DATABASE_DIRECT_URL", "postgres://me:s3cret@host/name", None),
    ("SENTRY_DSN", "https://s3cret@sentry.example/1", None),
]
WRONG_FILES = {
    "a folder": lambda folder: folder,
    "nothing": lambda folder: folder / "nothing",
    "below a file": lambda folder: written(folder, b"value") / "below",
    "empty": lambda folder: written(folder, b""),
    "blank": lambda folder: written(folder, b" \n\n"),
    "two lines": lambda folder: written(folder, b"one\ntwo\n"),
    "no text": lambda folder: written(folder, b"\xff\xfe\x00"),
    "endless": lambda folder: written(folder, b"x" * 100_000),
    "a device": lambda folder: "/dev/null",
    "no path from the root": lambda folder: "run/secrets/key",
    "an empty path": lambda folder: "",
    "no path": lambda folder: "/a\0b",
    "a long path": lambda folder: "/" + "x" * 5000,
}


def written(folder, content):
    (folder / "secret").write_bytes(content)
    return folder / "secret"


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("path", WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_a_file_that_cannot_be_used_is_named_with_its_fix(tmp_path, name, path):
    with pytest.raises(WrongVariable) as refused:
        in_file(name, path(tmp_path))

    sentence = str(refused.value)
    assert sentence.startswith(f"{name}_FILE ")
    assert sentence.endswith(".")
    assert any(word in sentence for word in ("Write", "Remove"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_static_files_may_lie_where_we_cannot_write(tmp_path):
    tmp_path.chmod(0o555)

    assert read("STATIC_ROOT", str(tmp_path)) == tmp_path
    with pytest.raises(WrongVariable, match=r"^VAR_DIR is a folder that we cannot write to\."):
        read("VAR_DIR", str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_static_files_that_we_may_not_read_are_a_mistake(tmp_path):
    tmp_path.chmod(0)

    with pytest.raises(WrongVariable, match=r"^STATIC_ROOT is a folder that we cannot read\."):
        read("STATIC_ROOT", str(tmp_path))


def test_static_files_lie_apart_from_what_the_site_writes_where_that_is_asked(tmp_path):
    show = "from config import settings as s; print(s.STATIC_ROOT)"
    given = {"VAR_DIR": str(tmp_path / "var"), "STATIC_ROOT": str(tmp_path / "static")}

    assert start([PYTHON, "-c", show], **given).stdout.strip() == str(tmp_path / "static")
    assert not (tmp_path / "var" / "static").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_we_may_not_read_is_named(tmp_path):
    written(tmp_path, b"a value").chmod(0)

    with pytest.raises(WrongVariable, match=r"^SECRET_KEY_FILE .*Permission denied"):
        in_file("SECRET_KEY", tmp_path / "secret")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_said_twice_is_a_mistake(tmp_path, name):
    both = {name: "a", f"{name}_FILE": str(written(tmp_path, b"a"))}

    with pytest.raises(WrongVariable, match=rf"^{name} is set, and so is {name}_FILE\."):
        Variables(both)(name)


def test_what_is_no_secret_is_read_from_no_file(tmp_path):
    given = Variables({"TIME_ZONE_FILE": str(written(tmp_path, b"Europe/Berlin"))})

    assert given.time_zone("TIME_ZONE", default="UTC") == "UTC"


def test_a_site_starts_on_secrets_in_files(tmp_path):
    (tmp_path / "key").write_text("k" * 60 + "\n")
    (tmp_path / "database").write_text(f"sqlite:///{tmp_path}/x.sqlite3\n")
    show = "from config import settings as s; print(s.SECRET_KEY, s.DATABASES['default']['NAME'])"

    done = start(
        [PYTHON, "-c", show],
        **{"SECRET_KEY": None, "SECRET_KEY_FILE": str(tmp_path / "key")},
        **{"DATABASE_URL": None, "DATABASE_URL_FILE": str(tmp_path / "database")},
    )

    assert done.stdout.strip() == f"{'k' * 60} {tmp_path}/x.sqlite3"


# With https: what is said over a network is encrypted, and to whom we mean.

CLEAR = {
    "DATABASE_URL": [
        *["postgres://u:p@db.example.com/site", "postgres://u:p@10.0.0.5/site?sslmode=prefer"],
        *[
            "postgres://u:p@[fd00::5]/site?sslmode=disable",
            "postgres://u:p@db/site?sslmode=require",
        ],
        *["postgres:///site?host=db.example.com", "postgres:///site?hostaddr=10.0.0.5"],
        *[
            "postgres://localhost,db.example.com/site",
            "postgres://localhost/site?host=/run,10.0.0.5",
        ],
    ],
    "REDIS_URL": [
        *["redis://redis.example.com/0", "redis://localhost.example.com/0", "redis://10.0.0.5/0"],
        "rediss://redis.example.com/0?ssl_cert_reqs=none",
        "sentinel://127.0.0.1,10.0.0.5/main",
    ],
    "EMAIL_URL": ["smtp://mail.example.com", "smtp://10.0.0.5:25"],
    "DATABASE_DIRECT_URL": ["postgres://u:p@db.example.com/site"],
    "MEDIA_STORAGE_URL": ["s3+http://k:s@10.0.0.5:9000/bucket"],
    "BACKUP_STORAGE_URL": ["s3+http://k:s@10.0.0.5:9000/bucket"],
    "SENTRY_DSN": ["http://k@sentry.example/1"],
}
ENCRYPTED = {
    "DATABASE_URL": [
        *["postgres://u@%2Frun%2Fpostgresql/site", "postgres:///site?host=/run/postgresql"],
        "postgres:///site?host=localhost&hostaddr=127.0.0.1",
        *[
            "postgres://u:p@db.example.com/site?sslmode=verify-full",
            "postgres://u:p@localhost/site",
        ],
        *["postgres://u:p@127.0.0.1/site", "postgres://u:p@[::1]/site", "postgres:///site"],
        *["postgres:////var/run/postgresql/site", "sqlite:////srv/site.sqlite3"],
        "postgres://u:p@db.example.com/site?sslmode=verify-ca",
    ],
    "REDIS_URL": [
        *["rediss://redis.example.com/0", "redis://127.0.0.1/0", "redis://localhost:6379/0", ""],
        *["unix:///run/redis.sock", "redis://[::1]/0", "redis://127.8.9.1/0"],
        *["sentinel://127.0.0.1:1,[::1]:2/main", "sentinels://10.0.0.5,10.0.0.6/main"],
    ],
    "EMAIL_URL": [
        *["smtp+tls://mail.example.com", "smtps://mail.example.com", "smtp://127.0.0.1:25", ""],
    ],
    "DATABASE_DIRECT_URL": ["postgres://u:p@localhost/site", ""],
    "MEDIA_STORAGE_URL": ["s3://k:s@s3.example.com/bucket", "s3+http://k:s@127.0.0.1/bucket", ""],
    "BACKUP_STORAGE_URL": ["s3://k:s@s3.example.com/bucket", "s3+http://k:s@127.0.0.1/bucket", ""],
    "SENTRY_DSN": ["https://k@sentry.example/1", "http://k@127.0.0.1:9000/1", ""],
}
NAMES = {
    "DATABASE_URL": "postgresql",
    "DATABASE_DIRECT_URL": "postgresql",
    "REDIS_URL": "redis",
    "EMAIL_URL": "smtp",
    "MEDIA_STORAGE_URL": "s3",
    "BACKUP_STORAGE_URL": "s3",
    "SENTRY_DSN": "sentry",
}


def said_of(name, value, **more):
    """What the check says, by the settings that this value makes."""
    database = read("DATABASE_URL", value if name == "DATABASE_URL" else "sqlite:////srv/a")
    mail = read("EMAIL_URL", value) if name == "EMAIL_URL" else {}
    made = {
        "IS_HTTPS": True,
        "TLS_WAIVED": {},
        "DATABASES": {"default": database},
        "REDIS_URL": read("REDIS_URL", value if name == "REDIS_URL" else "")[0],
        **{
            setting: read(variable, value if name == variable else "")
            for setting, variable in {
                "DATABASE_DIRECT": "DATABASE_DIRECT_URL",
                "MEDIA_STORAGE": "MEDIA_STORAGE_URL",
                "BACKUP_STORAGE": "BACKUP_STORAGE_URL",
            }.items()
        },
        "SENTRY_DSN": value if name == "SENTRY_DSN" else "",
        **{"EMAIL_BACKEND": "a", "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False, "EMAIL_HOST": ""},
        **mail,
        **more,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "settings", SimpleNamespace(**made))
        return checks.tls(None)


def each(values):
    return [(name, value) for name, given in values.items() for value in given]


@pytest.mark.parametrize(("name", "value"), each(CLEAR))
def test_over_a_network_without_verified_tls_nothing_starts(name, value):
    [error] = said_of(name, value)

    assert error.id == "config.E005"
    assert error.msg.startswith(f"{name} names a server on another machine without verified TLS")
    assert f"TLS_WAIVED={NAMES[name]}: the reason." in error.hint


@pytest.mark.parametrize(("name", "value"), each(ENCRYPTED))
def test_with_verified_tls_or_on_this_machine_nothing_is_said(name, value):
    assert said_of(name, value) == []


@pytest.mark.parametrize("name", CLEAR)
def test_the_operator_may_waive_it_with_a_reason_that_each_start_repeats(name):
    waived = {NAMES[name]: "a network of our own"}

    [info] = said_of(name, CLEAR[name][0], TLS_WAIVED=waived)
    [error] = said_of(name, CLEAR[name][0], TLS_WAIVED={"other": "another server"})

    assert not info.is_serious() and "a network of our own" in info.msg
    assert error.is_serious()


def test_a_developers_site_needs_no_tls():
    assert said_of("EMAIL_URL", CLEAR["EMAIL_URL"][0], IS_HTTPS=False) == []


@pytest.mark.parametrize("command", STARTS.values(), ids=STARTS.keys())
def test_no_process_of_a_site_for_visitors_starts_without_tls(tmp_path, command):
    given = {name: value.format(tmp_path) for name, value in SERVERS.items()}
    given |= {"EMAIL_URL": "smtp://mail.example.com"}

    done = start(command, SITE_URL="https://x.example", **given)

    assert done.returncode
    assert "EMAIL_URL names a server on another machine without verified TLS" in done.stderr
    assert "Traceback" not in done.stderr
