"""Wagtail's form page as its documentation makes one, for comparison: installed on its own.

Its environment and project are below var/, made at the first run. It sends the email of each
submission before it answers, as `AbstractEmailForm` does.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from devtools.environment import ROOT

HOME = ROOT / "var" / "benchmark-wagtail"
BIN = HOME / "venv" / "bin"
PACKAGES = ["wagtail", "psycopg[binary]", "granian", "dj-database-url"]

SETTINGS = """
import os
import dj_database_url

SECRET_KEY = "for a benchmark"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "inquiries",
    "wagtail.contrib.forms", "wagtail.contrib.redirects", "wagtail.embeds", "wagtail.sites",
    "wagtail.users", "wagtail.snippets", "wagtail.documents", "wagtail.images", "wagtail.search",
    "wagtail.admin", "wagtail", "modelcluster", "taggit",
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
ROOT_URLCONF = "urls"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=60)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
STATIC_URL = "/static/"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["EMAIL_PORT"])
DEFAULT_FROM_EMAIL = "website@127.0.0.1"
WAGTAIL_SITE_NAME = "Benchmark"
WAGTAILADMIN_BASE_URL = "http://127.0.0.1"
"""
URLS = """
from django.urls import include, path
from wagtail import urls as wagtail_urls

urlpatterns = [path("", include(wagtail_urls))]
"""
MODELS = """
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.models import AbstractEmailForm, AbstractFormField
from wagtail.fields import RichTextField


class FormField(AbstractFormField):
    page = ParentalKey("FormPage", on_delete=models.CASCADE, related_name="form_fields")


class FormPage(AbstractEmailForm):
    intro = RichTextField(blank=True)
    thank_you_text = RichTextField(blank=True)
"""
PAGE = """{% load wagtailcore_tags %}<!doctype html>
<title>{{ page.title }}</title>
<h1>{{ page.title }}</h1>
{{ page.intro|richtext }}
<form action="{% pageurl page %}" method="post">
{% csrf_token %}{{ form.as_p }}<button>Send</button>
</form>
"""
LANDING = """{% load wagtailcore_tags %}<!doctype html>
<title>{{ page.title }}</title>
<h1>Thank you</h1>
{{ page.thank_you_text|richtext }}
"""
MANAGE = """
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import execute_from_command_line

execute_from_command_line(sys.argv)
"""
WSGI = """
import os

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
"""
FIRST_PAGE = """
from inquiries.models import FormField, FormPage
from wagtail.models import Page, Site

page = FormPage(
    title="Contact", slug="contact", to_address={to!r}, from_address="website@example.com",
    subject="Inquiry", intro="<p>Write to us.</p>", thank_you_text="<p>We have your message.</p>",
)
Page.objects.get(depth=1).add_child(instance=page)
for number, (label, kind) in enumerate([
    ("Name", "singleline"), ("Email", "email"), ("Company", "singleline"), ("Message", "multiline"),
]):
    FormField.objects.create(
        page=page, sort_order=number, label=label, field_type=kind, required=label != "Company"
    )
Site.objects.all().delete()
Site.objects.create(hostname="127.0.0.1", port=80, root_page=page, is_default_site=True)
"""


def install() -> str:
    """Have Wagtail installed, the newest at the first run; which version it is."""
    if not (BIN / "granian").exists():
        venv.create(HOME / "venv", with_pip=True, clear=True)
        subprocess.run([BIN / "pip", "install", "--quiet", *PACKAGES], check=True)
    files = {
        "settings.py": SETTINGS,
        "urls.py": URLS,
        "manage.py": MANAGE,
        "site_wsgi.py": WSGI,
        "inquiries/__init__.py": "",
        "inquiries/models.py": MODELS,
        "inquiries/migrations/__init__.py": "",
        "inquiries/templates/inquiries/form_page.html": PAGE,
        "inquiries/templates/inquiries/form_page_landing.html": LANDING,
    }
    for name, text in files.items():
        path = HOME / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())
    shown = [f"{BIN}/python", "-c", "import wagtail; print(wagtail.__version__)"]
    return subprocess.run(shown, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def set_up(environment: dict[str, str], *, to: str) -> None:
    """Its tables, and the one page with the form."""
    for arguments in (
        ["makemigrations", "--verbosity", "0", "inquiries"],
        ["migrate", "--verbosity", "0"],
        ["shell", "--command", FIRST_PAGE.format(to=to)],
    ):
        manage(environment, *arguments)


def manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [BIN / "python", "manage.py", *arguments],
        cwd=HOME / "site",
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"Wagtail's {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
