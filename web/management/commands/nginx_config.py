"""The configuration of the web server in front: deploy/nginx.conf, filled in from the settings."""

import ipaddress
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template import Context, Engine

LISTEN = re.compile(r"((\d{1,3}(\.\d{1,3}){3}|\[[0-9A-Fa-f:]+\]):)?\d{1,5}")
UPSTREAM = re.compile(r"unix:[\w./-]+|([\w.-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}")
HEADER = re.compile(r"[A-Za-z][A-Za-z-]*|proxy_protocol")
PATH = re.compile(r'[^"$\\\s;{}][^"$\\\n;{}]*')


class Command(BaseCommand):
    help = "Prints the configuration of nginx for this site, made from the settings."
    requires_system_checks: list[str] = []  # it is made before there is a database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--upstream",
            action="append",
            metavar="HOST:PORT",
            help="where a web process listens, or unix:/path; may be repeated (127.0.0.1:8000)",
        )
        parser.add_argument("--certificate", metavar="FILE", help="with its chain (certbot's)")
        parser.add_argument("--key", metavar="FILE", help="of the certificate (certbot's)")
        parser.add_argument(
            "--before-certificate",
            action="store_true",
            help="only what certbot needs to get one: its challenge on port 80",
        )
        parser.add_argument(
            "--tls-before",
            action="store_true",
            help="TLS ends at the balancer, which sets X-Forwarded-Proto",
        )
        parser.add_argument("--http", default="80", metavar="[ADDRESS:]PORT")
        parser.add_argument("--https", default="443", metavar="[ADDRESS:]PORT")
        parser.add_argument(
            "--balancers",
            metavar="NETWORKS",
            help="in front of nginx, with commas between (TRUSTED_PROXIES but for this machine)",
        )
        parser.add_argument(
            "--client-header",
            default="X-Forwarded-For",
            metavar="NAME",
            help="where these name the visitor, or proxy_protocol (X-Forwarded-For)",
        )
        parser.add_argument("--acme", default="/var/www/acme", metavar="FOLDER")
        parser.add_argument("--cache", default="/var/cache/nginx-site", metavar="FOLDER")
        parser.add_argument("--log", default="/var/log/nginx/site.log", metavar="FILE")
        parser.add_argument(
            "--media", metavar="FOLDER", help="of uploads (MEDIA_ROOT if SERVE_MEDIA is off)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        template = Engine(autoescape=False).from_string(
            (settings.BASE_DIR / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        )
        self.stdout.write(template.render(Context(_facts(**options))), ending="")


def _facts(**options: Any) -> dict[str, Any]:
    """What the template asks for."""
    host = settings.SITE_HOST
    ends_here = settings.IS_HTTPS and not options["tls_before"]
    is_waiting = ends_here and options["before_certificate"]
    certbot = f"/etc/letsencrypt/live/{host}"
    twin = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    others = [one for one in settings.ALLOWED_HOSTS if one not in (host, twin, "*")]
    header = _fitting("--client-header", HEADER, options["client_header"])
    media = options["media"] or ("" if settings.SERVE_MEDIA else str(settings.MEDIA_ROOT))
    http = _addresses("--http", options["http"])
    https = [f"{one} ssl http2" for one in _addresses("--https", options["https"])]
    return {
        "url": settings.SITE_URL,
        "names": " ".join([host, *others]),
        "twin": twin if twin in settings.ALLOWED_HOSTS else "",
        "upstreams": [
            _fitting("--upstream", UPSTREAM, one)
            for one in options["upstream"] or ["127.0.0.1:8000"]
        ],
        "http": http,
        "public": https if ends_here else http,
        "listen_options": " proxy_protocol" if header == "proxy_protocol" else "",
        "is_waiting": is_waiting,
        "certificate": _path("--certificate", options["certificate"] or f"{certbot}/fullchain.pem")
        if ends_here and not is_waiting
        else "",
        "key": _path("--key", options["key"] or f"{certbot}/privkey.pem"),
        "scheme": "$forwarded_scheme" if options["tls_before"] else "$scheme",
        "balancers": _balancers(options["balancers"]),
        "client_header": header,
        "acme": _path("--acme", options["acme"]),
        "cache": _path("--cache", options["cache"]),
        "log": _path("--log", options["log"]),
        "media": _path("--media", media.rstrip("/")) if media else "",
    }


def _balancers(given: str | None) -> list[str]:
    """Whom nginx believes when they name the visitor. This machine is nginx itself."""
    if given is None:
        return [str(one) for one in settings.TRUSTED_PROXIES if not one.is_loopback]
    words = [word.strip() for word in given.split(",") if word.strip()]
    try:
        return [str(ipaddress.ip_network(word)) for word in words]
    except ValueError as error:
        raise CommandError(
            f"--balancers: {error}. Write addresses or networks, as 192.0.2.7 or 10.0.0.0/8."
        ) from None


def _addresses(option: str, value: str) -> list[str]:
    """A port alone is that of every address, of both kinds."""
    value = _fitting(option, LISTEN, value)
    return [value, f"[::]:{value}"] if value.isdecimal() else [value]


def _path(option: str, value: str) -> str:
    return _fitting(option, PATH, value if value.startswith("/dev/") else str(Path(value)))


def _fitting(option: str, pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise CommandError(f"{option} cannot be {value!r}. See: manage.py nginx_config --help")
    return value
