"""nginx before two machines: what one of them has not, another has; and pictures of no folder."""

import http.client
import http.server
import shutil
import tempfile
import threading
from contextlib import ExitStack
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from devtools.processes import free_port
from devtools.services import find_nginx, run_nginx
from tests.services_report import skip_or_fail


@pytest.fixture
def folder(open_umask):
    """Through which nginx may pass when it has given up being root."""
    made = Path(tempfile.mkdtemp(prefix="nginx-nodes-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def start(folder, settings):
    """Starts nginx before a machine for each of these: the paths that it knows, with bodies."""
    if not find_nginx():
        skip_or_fail("nginx")
    settings.SITE_URL, settings.SERVE_MEDIA = "http://www.studio.example", False
    settings.MEDIA_ROOT = folder / "media"
    settings.MEDIA_ROOT.mkdir()
    settings.MEDIA_ROOT.chmod(0o755)
    with ExitStack() as running:

        def start(*machines):
            port = free_port()
            places = {"cache": f"{folder}/cache", "log": f"{folder}/log"}
            upstream = [running.enter_context(machine(knows)) for knows in machines]
            out = StringIO()
            options = {"upstream": upstream, "http": f"127.0.0.1:{port}", **places}
            call_command("nginx_config", stdout=out, **options)
            running.enter_context(run_nginx(folder, out.getvalue(), port))
            return port

        yield start


class machine:
    def __init__(self, knows):
        class Answers(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = knows.get(self.path, b"not here")
                self.send_response(200 if self.path in knows else 404)
                self.send_header("Content-Length", str(len(body)))
                if self.path in knows:
                    self.send_header("Accept-Ranges", "bytes")
                    self.send_header("Cache-Control", "public, max-age=31536000")
                self.end_headers()
                self.wfile.write(body)
                asked.append(self.path)

            def log_message(self, *args):
                pass

        asked = self.asked = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"127.0.0.1:{self.server.server_port}"

    def __exit__(self, *details):
        self.server.shutdown()
        self.server.server_close()


def ask(port, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": "www.studio.example", **headers})
    response = connection.getresponse()
    response.body = response.read()
    connection.close()
    return response


def test_a_stylesheet_of_either_release_is_found_on_the_machine_that_has_it(start):
    old, new = "/static/css/site.000000000001.css", "/static/css/site.000000000002.css"
    port = start({old: b"old"}, {old: b"old", new: b"new"})

    for path, body in [(old, b"old"), (new, b"new")] * 4:
        answer = ask(port, path)
        assert (answer.status, answer.body) == (200, body)
    assert ask(port, "/static/css/site.000000000003.css").status == 404


def test_a_picture_that_no_folder_has_is_asked_of_the_application_and_kept(start, folder):
    (folder / "media" / "here.png").write_bytes(b"from the folder")
    port = start({"/media/there.png": b"from the bucket"})

    assert ask(port, "/media/here.png").body == b"from the folder"
    assert ask(port, "/media/there.png").body == b"from the bucket"
    part = ask(port, "/media/there.png", Range="bytes=5-7")
    assert (part.status, part.body) == (206, b"the")
    assert part.headers["Content-Range"] == "bytes 5-7/15"
    assert ask(port, "/media/nowhere.png").status == 404
