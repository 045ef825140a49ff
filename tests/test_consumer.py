"""No message ends a worker, whatever it claims to be."""

import json
import uuid
from pathlib import Path

import pytest

from devtools.environment import ROOT, VENV
from devtools.processes import Child, wait_until
from tests.test_file_queue import connection_to

TASK = "leads.messages.tasks.notify_about_inquiry"
GOOD = [[0], {}, {}]  # an inquiry that there is not


@pytest.fixture(scope="module")
def worker(tmp_path_factory, django_db_setup):
    var = tmp_path_factory.mktemp("worker")
    environment = {
        "PATH": "/usr/bin:/bin",
        "READ_DOT_ENV": "0",
        "SECRET_KEY": "any secret will do for this worker",
        "VAR_DIR": str(var),
        "LOG_FORMAT": "json",
    }
    command = [VENV / "bin" / "celery", "-A", "config", "--quiet", "worker", "--pool", "solo"]
    command += ["--without-gossip", "--without-mingle"]
    child = Child("worker", command, var / "log", environment, ROOT).start()
    yield child
    child.stop()


def put(worker, *, headers, body, queue="messages", content_type="application/json"):
    folder = Path(worker.env["VAR_DIR"]) / "queue" / "messages"
    with connection_to(folder) as connection:
        producer = connection.Producer(serializer="json")
        raw = {"content_type": content_type, "content_encoding": "utf-8", "headers": headers}
        producer.publish(
            body, routing_key=queue, exchange="", serializer=None, delivery_mode=1, **raw
        )


def is_there(worker):
    """Whether it takes another task, after all that was put before."""
    task = str(uuid.uuid4())
    put(worker, headers={"task": TASK, "id": task}, body=json.dumps(GOOD))
    return wait_until(lambda: f"{task}]" in worker.log.read_text(), seconds=60, pause=0.1)


NONSENSE = {
    "an unknown task": ({"task": "no.such.task", "id": "1"}, GOOD),
    "a task without a name": ({"id": "1"}, GOOD),
    "a list as name": ({"task": ["a"], "id": "1"}, GOOD),
    "null as name": ({"task": None, "id": "1"}, GOOD),
    "no id": ({"task": TASK}, GOOD),
    "an unknown task without id": ({"task": "no.such.task"}, GOOD),
    "a list as id": ({"task": TASK, "id": []}, GOOD),
    "no headers": ({}, GOOD),
    "too many arguments": ({"task": TASK, "id": "1"}, [[1, 2, 3], {}, {}]),
    "arguments of a wrong type": ({"task": TASK, "id": "1"}, [[{"a": "b"}], {}, {}]),
    "no arguments": ({"task": TASK, "id": "1"}, [[], {}, {}]),
    "a number as arguments": ({"task": TASK, "id": "1"}, [7, {}, {}]),
    "a list as keywords": ({"task": TASK, "id": "1"}, [[0], [], {}]),
    "a number as body": ({"task": TASK, "id": "1"}, 7),
    "null as body": ({"task": TASK, "id": "1"}, None),
    "a short body": ({"task": TASK, "id": "1"}, [[0]]),
    "nonsense as callbacks": ({"task": TASK, "id": "1"}, [[0], {}, {"callbacks": 7, "chain": 7}]),
    "nonsense as hour": ({"task": TASK, "id": "1", "eta": "soon"}, GOOD),
    "a number as hour": ({"task": TASK, "id": "1", "eta": 7}, GOOD),
    "a number as end": ({"task": TASK, "id": "1", "expires": 7}, GOOD),
    "nonsense as limit": ({"task": TASK, "id": "1", "timelimit": "soon"}, GOOD),
    "nonsense as retries": ({"task": TASK, "id": "1", "retries": "many"}, GOOD),
    "an unknown compression": ({"task": TASK, "id": "1", "compression": "rot"}, GOOD),
    "the first protocol": ({}, {"task": TASK, "id": "1", "args": [0], "kwargs": {}}),
    "the first protocol, broken": ({}, {"task": TASK, "args": 7, "kwargs": 7}),
    "the first protocol, unknown": ({}, {"task": "no.such.task"}),
}


@pytest.mark.django_db(transaction=True)
def test_no_message_ends_a_worker(worker):
    for headers, body in NONSENSE.values():
        put(worker, headers=headers, body=json.dumps(body))
    put(worker, headers={"task": TASK, "id": "1"}, body="{half", content_type="application/json")
    put(worker, headers={"task": TASK, "id": "1"}, body="x", content_type="application/x-python")
    put(worker, headers={"task": TASK, "id": "1"}, body="x", content_type="application/x-none")

    assert is_there(worker), worker.last_lines(60)
    assert worker.running
    lines = worker.log.read_text().splitlines()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    assert {"celery.app.trace", "config.consumer"} <= {facts["logger"] for facts in said}
    assert not [line for line in lines if line.startswith(("[20", "Traceback", "  File"))]
