"""As on many machines: two workers on disks of their own and two beats, PostgreSQL behind PgBouncer
in transaction mode, Redis behind three sentinels, uploads in a bucket.
"""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.demo_site import PAGES
from devtools.processes import wait_until
from devtools.services import Server
from devtools.stores import (
    find_pgbouncer,
    master_of,
    sentinel_url,
    start_pgbouncer,
    start_replicated_redis,
    start_s3,
    start_sentinels,
)
from tests.services_report import skip_or_fail
from tests.stack import STILL_TO_CUT, Stack, visitor

POOL = 3
SESSION = """
from django.contrib.auth import get_user_model
from django.test import Client
client = Client()
client.force_login(get_user_model().objects.get(email="{}"))
print(client.cookies["desk_session"].value)
"""
DOCTOR = """
from web.diagnosis import servers, uploads
for question in (servers.database, servers.redis, servers.workers, uploads.store):
    for finding in question():
        print(finding.fault, finding.text)
"""
UPLOAD = """
from images import uploads
from tests.pictures import picture_file
for color in range(8):
    print(uploads.receive(picture_file(color=(color, 9, 9)), title="Wall", alt="A wall").file.url)
"""


class ManyMachines(Stack):
    """A stack's servers, with others in front of them, and its processes as on two machines."""

    def start_servers(self) -> None:
        super().start_servers()
        self.s3: Server = self._cleanup.enter_context(start_s3(self.folder))
        self.redises = start_replicated_redis(self.folder)
        self.sentinels = start_sentinels(self.folder, self.redises)
        for server in [*self.redises, *self.sentinels]:
            self._cleanup.callback(server.kill)
        pooler = start_pgbouncer(self.folder, self.database_url, pool=POOL)
        self.pooler = self._cleanup.enter_context(pooler)
        self._cleanup.callback(self._end_processes)
        self.environment |= {
            "DATABASE_URL": self.pooler.url,
            "DATABASE_DIRECT_URL": self.database_url,
            "REDIS_URL": sentinel_url(self.sentinels),
            "MEDIA_STORAGE_URL": self.s3.url,
            "PAGE_CACHE_MB": "0",  # each page is made
        }

    def _child(self, name: str):
        child = super()._child(name)
        if name.endswith(" 2"):
            other = self.folder / "var-2"
            other.mkdir(exist_ok=True)
            child.env = {**self.environment, "VAR_DIR": str(other)}
        return child


@pytest.fixture(scope="module")
def machines(start_stack):
    if not find_pgbouncer():
        skip_or_fail("PgBouncer")
    with start_stack(demo=True, kind=ManyMachines) as stack:
        stack.start("worker 2", "beat 2")
        yield stack


def not_answered(machines, paths, **headers):
    """Those that do not answer 200, of paths asked by four times as many as the pool has."""
    with ThreadPoolExecutor(4 * POOL) as pool:
        answers = list(pool.map(lambda path: machines.get(path, headers=headers).status, paths))
    return {path: status for path, status in zip(paths, answers, strict=True) if status != 200}


def test_every_public_page_is_made_over_three_connections(machines):
    paths = [path for name, path in PAGES.items() if name != "not-found"]

    assert not_answered(machines, paths) == {}
    # Whose rows were read by cursors of the server.
    assert not_answered(machines, ["/sitemap.xml", "/llms.txt", "/articles/feed/"] * 40) == {}


def test_so_is_every_page_of_the_desk(machines):
    cookie = f"desk_session={machines.shell(SESSION.format('sales@cleansystems.example')).strip()}"
    home = machines.get("/admin/", headers={"Cookie": cookie})
    assert home.status == 200
    paths = set(re.findall(r'href="(/admin/(?!logout)[^"#?]*)"', home.text))
    assert len(paths) > 10

    assert not_answered(machines, sorted(paths), Cookie=cookie) == {}


def test_migrating_and_searching_go_through_the_pool(machines):
    with ThreadPoolExecutor() as pool:
        paths = [f"/articles/search/?q=word{number}" for number in range(30)]
        searches = pool.submit(not_answered, machines, paths)
        assert "No migrations to apply" in machines.manage("migrate")

    assert searches.result() == {}


def test_a_backup_goes_past_it(machines):
    said = machines.manage("backup", "--to", str(machines.folder / "backups"))
    assert ".tar (" in said

    assert not_answered(machines, ["/", "/articles/"]) == {}


def test_pictures_get_their_sizes_whichever_worker_takes_them(machines):
    urls = machines.shell(UPLOAD).split()

    assert wait_until(lambda: machines.execute(STILL_TO_CUT) == [(0,)], seconds=120)
    made = machines.execute("SELECT file FROM images_rendition ORDER BY id DESC LIMIT 16")
    every = [*urls, *(f"/media/{file}" for (file,) in made)]
    assert not_answered(machines, every) == {}
    assert not list(machines.folder.glob("var*/media/images/*/wall*"))


def test_doctor_finds_both_workers_seeing_the_same(machines):
    done = machines.shell(DOCTOR)

    assert "False Pooler: in transaction mode, and backups go past it" in done
    assert "False Uploads: the bucket uploads (below media/) keeps what it is given" in done
    assert "False Workers: 2 answer" in done
    assert "do not see uploads" not in done


def test_doctor_names_workers_that_see_other_uploads(machines):
    """Of the bucket it knows nothing here: its uploads are in a folder of its own."""
    everywhere = machines.environment
    machines.environment = {**everywhere, "MEDIA_STORAGE_URL": ""}
    try:
        said = machines.manage("shell", "--verbosity", "0", "--command", DOCTOR)
    finally:
        machines.environment = everywhere

    assert re.search(
        "True Workers on other disks do not see uploads .*: worker-2@.*, worker@", said
    )


def test_two_beats_send_nothing_twice(machines):
    visitors = [visitor() for _ in range(12)]
    for each in visitors:
        assert machines.send_inquiry(each).is_thanks

    emails = machines.expect_emails(visitors)

    assert all(one.arrived_once for one in emails.values())
    ids = [received.message_id for received in machines.mail.emails]
    assert len(ids) == len(set(ids))


def test_a_master_that_is_killed_costs_seconds_and_no_email(machines):
    was = master_of(machines.sentinels)
    [killed] = [one for one in machines.redises if one.port == was]
    before, during = visitor(), [visitor() for _ in range(6)]
    assert machines.send_inquiry(before).is_thanks
    killed.kill()

    answers = [machines.send_inquiry(each) for each in during]
    missing = not_answered(machines, ["/", "/articles/", "/offices/"])

    assert all(answer.is_thanks for answer in answers)
    assert max(answer.seconds for answer in answers) < 10  # on a machine as busy as this one
    assert missing == {}
    machines.expect_emails([before, *during], within=120)
    assert master_of(machines.sentinels) not in (was, 0)


def test_without_the_bucket_every_page_is_still_there(machines):
    paths = [path for name, path in PAGES.items() if name != "not-found"]
    machines.s3.kill()
    try:
        assert not_answered(machines, paths) == {}
        assert machines.get("/readyz").status == 200
        assert machines.get("/media/images/any.png").status == 503
    finally:
        machines.s3.start()
    assert wait_until(lambda: machines.get("/media/images/any.png").status == 404, seconds=30)
