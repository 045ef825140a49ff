"""One file for every way to run; only environment variables differ. `.env.example` explains each.

With nothing set but SECRET_KEY the product runs on this machine alone: a SQLite file, a queue of
files, mail written to files, all below VAR_DIR. DATABASE_URL, REDIS_URL and EMAIL_URL exchange
these for PostgreSQL, Redis and a mail server. Longer than other modules, because Django reads one
and people look in one: cut up, the order of the parts would count.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF
from django_prose_editor.config import html_tags
from js_asset import static_lazy
from kombu import Exchange, Queue
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from whitenoise.compress import Compressor

from config import private_files, version
from config.sentinels import Sentinels
from config.variables import LEVELS, Variables

django_stubs_ext.monkeypatch()  # lets Django's classes be written as types: ListView[Article]

BASE_DIR = Path(__file__).resolve().parent.parent

env = Variables(os.environ)
if env.flag("READ_DOT_ENV", default=True):
    environ.Env.read_env(BASE_DIR / ".env")  # a real environment variable wins over the file

VERSION = version.latest(BASE_DIR / "CHANGELOG.md")
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY")  # no default: a missing secret stops the start-up
# What earlier keys have signed goes on working while they stand here.
SECRET_KEY_FALLBACKS = env.former_keys("SECRET_KEY_FALLBACKS", present=SECRET_KEY)
VAR_DIR = env.folder("VAR_DIR", default=BASE_DIR / "var")
private_files.close(VAR_DIR)

# Where the site is found. Links in emails are made from it, never from a request's Host header.
SITE_URL = env.site_url("SITE_URL", default="http://127.0.0.1:8000")
SITE_HOST = urlsplit(SITE_URL).netloc.removesuffix(f":{urlsplit(SITE_URL).port}")
IS_HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = [SITE_HOST, *env.hosts("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "desk.apps.AdminConfig",  # django.contrib.admin, with our home page
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",  # its table is empty, and goes with 0.4.0: see SESSION_ENGINE
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its templates: see FORM_RENDERER
    "csp",
    "crispy_forms",
    "django_countries",
    "js_asset",
    "django_prose_editor",
    "page_cache",
    "web",
    "desk",
    "images",
    "mail",
    "redirects",
    "accounts",
    "prose",
    "privacy",
    "offices",
    "articles",
    "readiness",
    "leads",
    "pages",
]
if env.flag("DEMO", default=False):
    INSTALLED_APPS.append("demo")  # no part of a real site

# Paths whose answers nobody may keep: staff's, and the operator's.
PRIVATE_PATHS = ("/admin/", "/status", "/healthz", "/readyz", "/metrics")

MIDDLEWARE = [
    "web.request_lines.RequestLineMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "web.middleware.IsolationMiddleware",
    "config.static_files.StaticFilesMiddleware",
    "web.middleware.PublicCSPMiddleware",
    "web.middleware.WorkMiddleware",
    "web.middleware.ProbeMiddleware",
    "page_cache.middleware.PublicPagesMiddleware",
    "web.middleware.NoNulMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "desk.audit.AuditMiddleware",
    "accounts.sessions.SessionsMiddleware",
    "accounts.due.SecondFactorMiddleware",
    "desk.zones.StaffZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["config.templates.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pages.context_processors.site",
            ],
        },
    }
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # with our templates/django/forms
CRISPY_TEMPLATE_PACK = "ours"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["ours"]

# Data
DATABASES = {"default": env.database("DATABASE_URL", default=VAR_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Web and worker share the file: readers never wait (WAL), and a writer takes its lock at the
    # start of the transaction instead of failing in the middle of it.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        # What is erased is written over, not left in free pages of the file.
        " PRAGMA secure_delete=ON;",
        **DATABASES["default"].get("OPTIONS", {}),  # what DATABASE_URL says wins
    }
    # A file for tests as well: in memory, threads would share one connection's locks.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    # What DATABASE_URL says wins over all of this.
    DATABASES["default"] = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True} | DATABASES["default"]
    DATABASES["default"]["ENGINE"] = "config.postgresql"
    asked_for = DATABASES["default"].get("OPTIONS", {})
    # A machine that vanishes without a word is noticed within half a minute, not within hours.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        # Of one that vanished while a question was on its way, these say nothing.
        "tcp_user_timeout": 3000,  # milliseconds
        # To compile a query takes PostgreSQL longer than any of ours runs. A session of a pooler
        # is nobody's own and takes no such wish: there the role has it, and doctor looks for that.
        **({} if "POOL_MODE" in DATABASES["default"] else {"options": "-c jit=off"}),
    } | asked_for
    # A web process gives up a silent connection within two seconds: with its few threads waiting,
    # nobody would be served. However long the server works, its machine answers these.
    for_visitors = {"keepalives_idle": 1, "keepalives_interval": 1, "tcp_user_timeout": 1200}
    DATABASES["default"]["FOR_VISITORS"] = {
        name: value for name, value in for_visitors.items() if name not in asked_for
    }
# Past the pooler, for what needs a session of its own: backup and restore.
DATABASE_DIRECT = env.direct_database("DATABASE_DIRECT_URL")

REDIS_URL, CELERY_BROKER_URL = env.redis("REDIS_URL")
# With https each but the last has to be.
NOT_SET = env.not_set("EMAIL_URL", "DATABASE_URL", "REDIS_URL", "TRUSTED_PROXIES")
TLS_WAIVED = env.waivers("TLS_WAIVED")  # with https each needs TLS, unless it is on this machine
# Other products, and other copies of this one, may use the same Redis.
REDIS_KEY_PREFIX = f"site:{urlsplit(SITE_URL).netloc}:"
# A cache that waits for a silent Redis would hold up the visitor as well.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": [REDIS_URL],  # of a text Django would make several, at each comma
        "KEY_PREFIX": f"{REDIS_KEY_PREFIX}cache",
        "OPTIONS": {
            "socket_connect_timeout": 1,
            "socket_timeout": 1,
            # A connection that was cut is made anew; who is silent is not asked again.
            "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
            **({"pool_class": "config.sentinels.Pool"} if REDIS_URL.startswith("sentinel") else {}),
        },
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},  # by 300 the counts of web.limits would be pushed out
    }
}

# Finished pages, kept by each web process: page_cache.cache. In DEBUG a template may change.
PAGE_CACHE_BYTES = (
    0 if DEBUG else env.number("PAGE_CACHE_MB", default=32, largest=100_000) * 1024**2
)
PAGE_CACHE_HOSTS = [urlsplit(SITE_URL).netloc, *ALLOWED_HOSTS]

# Queue. The rows are the truth: losing the whole queue costs seconds, never an email.
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "global_keyprefix": REDIS_KEY_PREFIX,
        "visibility_timeout": 900,  # above every time limit: that of sending is 720
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
        # A broker that dies without a word leaves a connection that looks well; after twice this
        # time and a second it is dropped. The default makes that 51 s.
        "health_check_interval": 5,
        "unacked_restore_throttle": 1,  # without it kombu looks for lost tasks every 100 s only
    }
    if REDIS_URL.startswith("sentinel"):
        sentinels = Sentinels.read(REDIS_URL)
        CELERY_BROKER_USE_SSL = sentinels.tls or None
        CELERY_BROKER_TRANSPORT_OPTIONS |= {
            "master_name": sentinels.master,
            "sentinel_kwargs": sentinels.sentinel_options(
                socket_connect_timeout=1, socket_timeout=1
            ),
        }
else:
    QUEUE_DIR = VAR_DIR / "queue"
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "polling_interval": 0.2,
    }
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # files cannot carry it, and nobody asks
# A worker takes from both in turn: a heap of pictures to cut does not delay an email.
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name) for name in ("messages", "sending", "pictures")
]
CELERY_TASK_DEFAULT_QUEUE = CELERY_TASK_DEFAULT_EXCHANGE = "messages"
CELERY_TASK_DEFAULT_ROUTING_KEY = "messages"
CELERY_TASK_ROUTES = {
    "images.tasks.*": {"queue": "pictures"},
    # Of its own: a mail server may take ten minutes to confirm one email.
    "mail.tasks.deliver": {"queue": "sending"},
}
# Publishing is tried once and bounded by the socket time-outs: no visitor waits for the broker.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # forever: the default gives up within the hour
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONSUMER = "config.consumer:Consumer"
CELERY_BEAT_SCHEDULER = "config.celery:Schedule"
CELERY_TASK_SOFT_TIME_LIMIT = 45  # seconds
CELERY_TASK_TIME_LIMIT = 60
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # Each clears its queue by looking at the rows; `expires` keeps a stopped worker from
    # coming back to a heap of them.
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for task, seconds in {
        "mail.tasks.deliver_due_messages": 5,
        "leads.tasks.send_missing_notifications": 10,
        "leads.tasks.detect_languages": 10,
        "images.tasks.make_missing_renditions": 60,
        "images.tasks.delete_old_pending_uploads": 3600,
        "leads.tasks.mail_hourly_digests": 60,
        "privacy.tasks.delete_what_is_old": 60,
        "leads.tasks.mail_suspected_spam": 600,
        "leads.tasks.mail_unattended_leads": 600,
        "leads.tasks.mail_what_is_due": 600,
        "leads.tasks.learn_from_spam_decisions": 300,
        "accounts.tasks.delete_what_signing_in_left": 3600,
        "web.tasks.look_after_the_disk": 3600,
        "articles.tasks.renew_lists_of_articles": 3600,
    }.items()
}

# Mail
EMAIL_BACKEND = "mail.backends.EmlFileBackend"
vars().update(env.mail_server("EMAIL_URL"))
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", default=f"website@{SITE_HOST}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# To visitors, in all: whoever fills the form with strangers' addresses must not write to thousands.
ACKNOWLEDGMENTS_PER_HOUR = env.number("ACKNOWLEDGMENTS_PER_HOUR", default=2_000, largest=1_000_000)
# To sales. Beyond it they are told of all further inquiries in one digest an hour.
NOTIFICATIONS_PER_HOUR = env.number("NOTIFICATIONS_PER_HOUR", default=2_000, largest=1_000_000)

# Of the digests in receipts of erasure: `privacy.receipts`. It outlives SECRET_KEY.
ERASURE_KEY = env("ERASURE_KEY", default="", may_be_empty=True) or SECRET_KEY

# Proxies whose X-Forwarded-For says who the visitor is: web.limits.peer. With https there is one,
# and it usually runs beside us.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", default="127.0.0.0/8, ::1" if IS_HTTPS else "")

# Lets a monitor read /status and /metrics. Empty: only staff may read /status.
STATUS_TOKEN = env.token("STATUS_TOKEN")

# How long a line of the audit log is kept that is written from now on. The database holds us to it.
AUDIT_LOG_DAYS = env.number("AUDIT_LOG_DAYS", default=730, smallest=90, largest=3_650)

# Accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Roles"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"  # also where `next` names another site
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}
AUTH_PASSWORD_VALIDATORS.append({"NAME": "accounts.passwords.LocalPasswordValidator"})
# From when on whoever sees leads, publishes or administers cannot work without a second factor: so
# many days after they first sign in. None: it is up to them.
SECOND_FACTOR_GRACE_DAYS = env.days("SECOND_FACTOR_GRACE_DAYS", default=7 if IS_HTTPS else None)
SESSION_ENGINE = "accounts.sessions"

# Language and time: moments are kept in UTC; an office shows its own time.
LANGUAGE_CODE = "en"
TIME_ZONE = env.time_zone("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = ["config.formats"]

# The editor: extensions of our own, beside those of django-prose-editor.
DJANGO_PROSE_EDITOR_EXTENSIONS = [
    {
        "js": [static_lazy("admin/prose/extensions.js")],
        "extensions": {
            "Writing": html_tags([]),
            "LinkAddresses": html_tags([], {"a": ["data-page"]}),  # what a link leads to
        },
    }
]

# Files
STATIC_URL = "/static/"
# Made if it is not there yet, for WhiteNoise warns of that. Only `collectstatic` writes to it.
STATIC_ROOT = env.folder_to_read("STATIC_ROOT", default=VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
# Uploads in a bucket, or, without one, in MEDIA_ROOT. Readers are shown what is below its folder.
MEDIA_STORAGE = env.bucket("MEDIA_STORAGE_URL", folder="media")
# Archives of `manage.py backup` in a bucket
BACKUP_STORAGE = env.bucket("BACKUP_STORAGE_URL", folder="backups", apart_from=MEDIA_STORAGE)
# Off where the web server in front does it. From a bucket it cannot: that is not open to all.
SERVE_MEDIA = env.flag("SERVE_MEDIA", default=True) or bool(MEDIA_STORAGE)
STORAGES = {
    "default": {"BACKEND": "web.s3.S3Storage", "OPTIONS": MEDIA_STORAGE}
    if MEDIA_STORAGE
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "config.static_files.StaticFilesStorage",
    },
}
if BACKUP_STORAGE:
    STORAGES["backups"] = {
        "BACKEND": "web.s3.S3Storage",
        "OPTIONS": {**BACKUP_STORAGE, "called": "The store of backups"},
    }
WHITENOISE_MAX_AGE = 3600
# Source maps are asked for by a developer's tools only; to compress them took half of the time.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o644, 0o755  # whatever the umask is

# Backups: `manage.py backup`. With a folder or BACKUP_STORAGE, /status says when one is old.
BACKUP_DIR = env.folder_if_any("BACKUP_DIR")
BACKUP_DAYS = env.number("BACKUP_DAYS", default=30, smallest=1, largest=3_650)
BACKUP_KEY = env.recipient("BACKUP_KEY")

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # The nonce is named only in an answer whose template asked for one: the admin's editor.
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked from inside, without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
# Both bind hosts that are not this site, for a year and longer: whoever runs all of them says so.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.flag("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # they ask for these two
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
# Names of our own: a cookie `sessionid` of another product on this host would hide ours, and of
# browsers that know `__Secure-` none takes such a cookie from a page without TLS.
COOKIE_PREFIX = "__Secure-" if IS_HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}desk_session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}desk_csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie at all
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"  # visitors have neither
SESSION_COOKIE_AGE = 60 * 60 * 12  # the longest; after two idle hours the server ends it
# A brief and its message, seven texts of 50,000 characters: a form sends up to 12 bytes for each.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# What takes the database this long is a line of the log. 0: nothing is.
SLOW_QUERY_MS = env.number("SLOW_QUERY_MS", default=500, largest=600_000)
SLOW_QUERY_SECONDS = SLOW_QUERY_MS / 1000 if SLOW_QUERY_MS else float("inf")

LOG_FORMAT = env.choice("LOG_FORMAT", ("JSON", "TEXT"), default="JSON" if IS_HTTPS else "TEXT")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"once": {"()": "config.log.OncePerRequest"}},
    "formatters": {"line": {"()": "config.log.Line", "as_json": LOG_FORMAT == "JSON"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["once"],
        }
    },
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", LEVELS, default="INFO")},
    # Others bring handlers of their own; one line an event, and of our form, is enough.
    "loggers": {
        **{name: {"handlers": [], "propagate": True} for name in ("django", "_granian")},
        "django.server": {"handlers": [], "propagate": False},  # runserver's: we have said it
        "django.db.backends": {"level": "INFO"},  # below that it says what is looked for and kept
    },
}

# Faults of ours are reported there. Empty: nowhere, and nothing of it is loaded.
SENTRY_DSN = env.dsn("SENTRY_DSN")
if SENTRY_DSN:
    from config import errors

    errors.report(SENTRY_DSN, version=VERSION.number, site=SITE_HOST)

# Set, and asked for by nothing above: misspelt, most likely.
UNKNOWN_VARIABLES = env.unknown(BASE_DIR / ".env")
