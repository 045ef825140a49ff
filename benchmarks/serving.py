#!/usr/bin/env python3
"""How fast an article is handed out, beside nginx with a file of the same bytes.

    .venv/bin/python benchmarks/serving.py

Starts the product with its demo content on servers of its own: two web processes, alone and behind
deploy/nginx.conf; and for comparison nginx with the same page as a file, and the smallest Django
site there is. Each is asked in turn, several rounds in one run, and the table shows medians. Needs
PostgreSQL, Redis, nginx and wrk to be installed, and touches none of those that run already.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from devtools.environment import ROOT, VENV
from devtools.processes import Child, free_port, wait_until
from devtools.services import find_nginx, start_nginx
from tests.stack import Stack

ARTICLE = "/articles/apis-are-not-tables/"
ROUNDS, SECONDS, CONNECTIONS = 5, 3, 32

MINIMAL_DJANGO = """
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

BODY = open({page!r}, "rb").read()
settings.configure(SECRET_KEY="x", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)
urlpatterns = [path("<path:anything>", lambda request, anything: HttpResponse(BODY))]
application = get_wsgi_application()
"""

STATIC_NGINX = """
daemon off;
worker_processes 2;
pid {folder}/static.pid;
error_log {folder}/static-error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/static-body;
    proxy_temp_path {folder}/static-proxy;
    fastcgi_temp_path {folder}/static-fastcgi;
    uwsgi_temp_path {folder}/static-uwsgi;
    scgi_temp_path {folder}/static-scgi;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=100;
    keepalive_requests 1000000;
    default_type "text/html; charset=utf-8";
    server {{ listen 127.0.0.1:{port}; root {folder}/pages; }}
}}
"""


def main() -> None:
    if not shutil.which("wrk") or not find_nginx():
        raise SystemExit("Install wrk and nginx first: sudo apt install wrk nginx-light")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Stack(folder) as stack:
            measure(stack, folder)


def measure(stack: Stack, folder: Path) -> None:
    stack.manage("seed")
    stack.stop("worker", "beat")
    time.sleep(2)
    pages = folder / "pages"
    pages.mkdir()
    for coding, file in [("", "plain"), ("br", "br")]:
        stack.get(ARTICLE, headers={"Accept-Encoding": coding})
        time.sleep(1)  # until the shortest form is made
        (pages / file).write_bytes(fetch(f"{stack.address}{ARTICLE}", coding))
    children = [static_nginx(folder), smallest_django(folder, pages / "plain")]
    (stack.var / "media").mkdir(exist_ok=True)
    nginx = start_nginx(folder, application=stack.port, media=stack.var / "media")
    files, small = (int(child.name.rpartition(" ")[2]) for child in children)
    try:
        for coding, file in [("", "plain"), ("br", "br")]:
            targets = {
                "nginx, a file": f"http://127.0.0.1:{files}/{file}",
                "the product behind deploy/nginx.conf": f"{nginx.url}{ARTICLE}",
                "the product alone, two processes": f"{stack.address}{ARTICLE}",
            }
            if not coding:
                targets["the smallest Django site, two processes"] = (
                    f"http://127.0.0.1:{small}/page/"
                )
            size = (pages / file).stat().st_size
            print(f"\n{'In brotli' if coding else 'Uncompressed'}, {size:,} bytes:\n")
            print_table({name: [] for name in targets}, targets, coding)
    finally:
        nginx.stop()
        for child in children:
            child.kill()


def print_table(figures: dict[str, list[float]], targets: dict[str, str], coding: str) -> None:
    for _ in range(ROUNDS):
        for name, address in targets.items():
            figures[name].append(requests_per_second(address, coding))
    best = median(figures["nginx, a file"])
    print("| what answers | requests/s | of nginx |")
    print("| --- | ---: | ---: |")
    for name, found in figures.items():
        print(f"| {name} | {median(found):,.0f} | {median(found) / best:.2f} |")


def requests_per_second(address: str, coding: str) -> float:
    """What wrk counts. Stops when an answer is not a good one."""
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{SECONDS}s",
        "-H",
        f"Accept-Encoding: {coding}",
    ]
    said = subprocess.run([*command, address], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{address} did not answer well:\n{said}")
    found = re.search(r"Requests/sec: +([\d.]+)", said)
    assert found, said
    return float(found[1])


def fetch(address: str, coding: str) -> bytes:
    command = ["curl", "-sf", "-H", f"Accept-Encoding: {coding}", address]
    return subprocess.run(command, capture_output=True, check=True).stdout


def static_nginx(folder: Path) -> Child:
    port = free_port()
    conf = folder / "static.conf"
    conf.write_text(STATIC_NGINX.format(folder=folder, port=port))
    command = [str(find_nginx()), "-e", f"{folder}/static-error.log", "-c", str(conf)]
    return started(Child(f"nginx {port}", command, folder / "static.log", dict(os.environ), folder))


def smallest_django(folder: Path, page: Path) -> Child:
    port = free_port()
    (folder / "smallest.py").write_text(MINIMAL_DJANGO.format(page=str(page)))
    flags = f"--interface wsgi --host 127.0.0.1 --port {port} --workers 2 --blocking-threads 4"
    command = [f"{VENV}/bin/granian", *flags.split(), "--log-level", "warning"]
    command += ["smallest:application"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    log = folder / "smallest.log"
    return started(Child(f"Django {port}", command, log, environment, ROOT))


def started(child: Child) -> Child:
    port = child.name.rpartition(" ")[2]
    child.start()
    asked = ["curl", "-s", "-o", "/dev/null", f"http://127.0.0.1:{port}/"]
    if not wait_until(lambda: subprocess.run(asked).returncode == 0, seconds=20):
        raise SystemExit(child.last_lines())
    return child


if __name__ == "__main__":
    main()
