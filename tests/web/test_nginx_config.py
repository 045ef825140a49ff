"""What `manage.py nginx_config` prints is read by nginx as it is, with a certificate and before."""

import http.client
import http.server
import json
import shutil
import ssl
import subprocess
import tempfile
import threading
from io import StringIO
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from devtools.processes import free_port
from devtools.services import find_nginx, run_nginx
from tests.services_report import skip_or_fail

HOST = "www.studio.example"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = f"https://{HOST}"
    settings.SITE_HOST = HOST
    settings.IS_HTTPS = True
    settings.ALLOWED_HOSTS = [HOST, "studio.example", "intranet.example", "*"]
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.0/8"), ip_network("::1")]
    return settings


def printed(**options):
    out = StringIO()
    call_command("nginx_config", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def folder(open_umask):
    """Through which nginx may pass when it has given up being root."""
    made = Path(tempfile.mkdtemp(prefix="nginx-config-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def certificate(folder):
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out chain.pem"
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},DNS:studio.example"]
    subprocess.run([*command.split(), *names], cwd=folder, check=True, capture_output=True)
    return {"certificate": f"{folder}/chain.pem", "key": f"{folder}/key.pem"}


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the headers that it was sent, and with HSTS, as the application does."""

    def do_GET(self):
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Strict-Transport-Security", "max-age=31536000")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def application():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def start(folder, application, certificate):
    """Starts nginx with these options, and gives the ports of http and https."""
    if not find_nginx():
        skip_or_fail("nginx")
    running = []

    def start(**options):
        plain, tls = free_port(), free_port()
        places = {"cache": f"{folder}/cache", "log": f"{folder}/log", "acme": f"{folder}/acme"}
        listening = {"http": f"127.0.0.1:{plain}", "https": f"127.0.0.1:{tls}"}
        site = printed(upstream=[application], **places, **listening, **certificate, **options)
        running.append(run_nginx(folder, site, plain))
        return plain, tls

    yield start
    for server in running:
        server.stop()


def ask(port, path="/", *, host=HOST, is_tls=False, **headers):
    if is_tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers={"Host": host, **named})
    response = connection.getresponse()
    response.text = response.read().decode()
    connection.close()
    return response


def test_before_there_is_a_certificate_only_the_challenge_is_answered(start, folder):
    challenge = folder / "acme" / ".well-known" / "acme-challenge" / "token"
    challenge.parent.mkdir(parents=True)
    challenge.write_text("proof")

    port, _ = start(before_certificate=True)

    assert ask(port, "/.well-known/acme-challenge/token").text == "proof"
    waiting = ask(port, "/contact/")
    assert (waiting.status, waiting.headers["Retry-After"]) == (503, "60")
    assert "waits for its certificate" in waiting.text


def test_with_a_certificate_every_name_leads_to_one(start):
    port, tls = start()

    for answer in [
        ask(port, "/a/?b=c"),
        ask(port, "/a/?b=c", host="studio.example"),
        ask(tls, "/a/?b=c", host="studio.example", is_tls=True),
    ]:
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/a/?b=c")
    page = ask(tls, is_tls=True)
    assert page.status == 200
    assert json.loads(page.text)["X-Forwarded-Proto"] == "https"
    assert page.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    assert ask(tls, host="intranet.example", is_tls=True).status == 200


def counted_as(answer):
    return json.loads(answer.text)["X-Forwarded-For"]


def test_behind_a_balancer_the_visitor_is_counted(start):
    _, tls = start(balancers="127.0.0.1, 203.0.113.0/24")

    answer = ask(tls, is_tls=True, X_Forwarded_For="192.0.2.66, 198.51.100.7, 203.0.113.9")

    assert counted_as(answer) == "198.51.100.7"


def test_without_a_balancer_nobody_says_who_they_are(start):
    _, tls = start()

    assert counted_as(ask(tls, is_tls=True, X_Forwarded_For="198.51.100.7")) == "127.0.0.1"


def test_a_cdn_may_use_a_header_of_its_own(start):
    _, tls = start(balancers="127.0.0.1", client_header="CF-Connecting-IP")

    answer = ask(tls, is_tls=True, CF_Connecting_IP="2001:db8::7", X_Forwarded_For="192.0.2.1")

    assert counted_as(answer) == "2001:db8::7"


def test_where_tls_ends_at_the_balancer_it_says_how_the_visitor_came(start):
    port, _ = start(tls_before=True, balancers="127.0.0.1")

    said = [
        json.loads(ask(port, path, X_Forwarded_Proto=scheme).text)["X-Forwarded-Proto"]
        for path, scheme in [("/a/", "https"), ("/b/", "http"), ("/c/", "HTTPS, http")]
    ]

    assert said == ["https", "http", "http"]


def test_the_proxies_that_the_application_trusts_are_those_of_nginx(site):
    site.TRUSTED_PROXIES = [*site.TRUSTED_PROXIES, ip_network("203.0.113.0/24")]

    lines = [line for line in printed().splitlines() if "real_ip" in line]

    assert lines == [
        "set_real_ip_from 203.0.113.0/24;",
        "real_ip_header X-Forwarded-For;",
        "real_ip_recursive on;",
    ]
    assert "real_ip" not in printed(balancers="")


def test_uploads_come_from_disk_where_the_application_leaves_them_to_nginx(site, tmp_path):
    site.MEDIA_ROOT = tmp_path / "uploads"
    assert "/media/ {" not in printed()

    site.SERVE_MEDIA = False

    assert f'alias "{tmp_path}/uploads/";' in printed()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"before_certificate": True},
        {"tls_before": True},
        {"client_header": "proxy_protocol", "balancers": "192.0.2.1"},
        {"upstream": ["127.0.0.1:8001", "[::1]:8002", "unix:/run/site/web.sock"]},
    ],
    ids=str,
)
def test_it_stands_beside_the_site_that_debian_brings(folder, certificate, options):
    """Which says that it is the default of port 80; a second that says so would not start."""
    if not find_nginx():
        skip_or_fail("nginx")
    places = {"cache": f"{folder}/cache", "log": f"{folder}/log", "acme": f"{folder}/acme"}
    (folder / "site.conf").write_text(printed(**places, **certificate, **options))
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid;\nevents {{ worker_connections 64; }}\nhttp {{\n"
        "server { listen 80 default_server; listen [::]:80 default_server; server_name _; }\n"
        f"include {folder}/site.conf;\n}}\n"
    )

    tried = subprocess.run(
        [find_nginx(), "-t", "-e", f"{folder}/errors", "-c", f"{folder}/nginx.conf"],
        capture_output=True,
        text=True,
    )

    # A second server is on port 80 here, perhaps: -t asks for no port that is taken.
    assert "test is successful" in tried.stderr, tried.stderr
    assert "{%" not in (folder / "site.conf").read_text()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("upstream", ["127.0.0.1"]),
        ("http", "http"),
        ("https", "443; return 200"),
        ("certificate", 'a".pem'),
        ("media", "/srv/$uri"),
        ("client_header", "X Forwarded"),
        ("balancers", "10.0.0.1/8"),
    ],
)
def test_an_option_that_nginx_could_not_read_is_refused(option, value):
    with pytest.raises(CommandError, match=option.replace("_", "-")):
        printed(**{option: value})
