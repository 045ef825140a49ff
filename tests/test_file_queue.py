"""The queue of files survives every state its files can be found in."""

import json
import os
import subprocess
import sys

import pytest
from kombu.exceptions import ChannelError

from config import file_queue
from config.celery import app

MESSAGES = 5_000


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(file_queue.Channel, "_reported", set())
    return tmp_path / "queue" / "messages"


@pytest.fixture
def queue(folder):
    with connection_to(folder) as connection:
        yield connection.SimpleQueue("messages")


def connection_to(folder):
    options = {"data_folder_in": str(folder), "polling_interval": 0.01}
    connection = app.connection_for_read("filesystem://localhost//")
    connection.transport_options = options
    return connection


def valid_message():
    return {
        "body": "e30=",
        "headers": {},
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "properties": {
            "delivery_tag": "a tag",
            "body_encoding": "base64",
            "delivery_info": {"exchange": "messages", "routing_key": "messages"},
        },
    }


def without(*path):
    message = valid_message()
    inner = message
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return json.dumps(message).encode()


UNREADABLE = {
    "empty": b"",
    "half": json.dumps(valid_message()).encode()[:60],
    "random": bytes(range(256)),
    "NULs": b"\0" * 4096,
    "nested": b"[" * 100_000,
    "a number": b"7",
    "a list": b"[]",
    "null": b"null",
    "an object": b"{}",
    "a made-up type": b'{"__type__": "nonsense", "__value__": 7}',
    "no properties": without("properties"),
    "no route": without("properties", "delivery_info"),
    "no exchange": without("properties", "delivery_info", "exchange"),
    "no tag": without("properties", "delivery_tag"),
    "no headers": without("headers"),
    "no body": without("body"),
    "a list as tag": json.dumps(
        valid_message() | {"properties": valid_message()["properties"] | {"delivery_tag": []}}
    ).encode(),
    "an unknown encoding": json.dumps(
        valid_message() | {"properties": valid_message()["properties"] | {"body_encoding": "rot"}}
    ).encode(),
    "a number as type": json.dumps(valid_message() | {"content-type": 7}).encode(),
    "far too long": b" " * (file_queue.MAX_BYTES + 1),
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_message_is_set_aside_and_the_next_is_read(folder, queue, caplog, content):
    folder.mkdir(parents=True)
    (folder / "0.messages.msg").write_bytes(content)
    queue.put({"number": 1})

    assert queue.get(timeout=5).payload == {"number": 1}
    assert [path.read_bytes() for path in (folder.parent / "unreadable").iterdir()] == [content]
    assert caplog.text.count("Set aside 0.messages.msg") == 1


def make_folder(path):
    path.mkdir()
    (path / "inside").write_text("a file")


STRANGE = {
    "a folder": make_folder,
    "a pipe": os.mkfifo,
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to a file": lambda path: path.symlink_to("/etc/hostname"),
    "a link to itself": lambda path: path.symlink_to(path),
}


@pytest.mark.parametrize("make", STRANGE.values(), ids=STRANGE.keys())
def test_what_is_no_file_is_set_aside_and_the_next_is_read(folder, queue, make):
    folder.mkdir(parents=True)
    make(folder / "0.messages.msg")
    queue.put({"number": 1})

    assert queue.get(timeout=5).payload == {"number": 1}
    assert len(list((folder.parent / "unreadable").iterdir())) == 1


def test_at_most_a_hundred_are_kept(folder, queue):
    folder.mkdir(parents=True)
    for number in range(120):
        (folder / f"{number:020}.messages.msg").write_bytes(b"")
        make_folder(folder / f"{number:020}-folder.messages.msg")
    queue.put({"number": 1})

    assert queue.get(timeout=5).payload == {"number": 1}
    assert len(list((folder.parent / "unreadable").iterdir())) == 100


def test_what_cannot_be_moved_is_skipped_and_reported_once(folder, queue, caplog):
    folder.mkdir(parents=True)
    (folder / "0.messages.msg").write_bytes(b"")
    (folder.parent / "unreadable").write_text("a file where the folder should be")
    for number in range(3):
        queue.put({"number": number})

    assert [queue.get(timeout=5).payload["number"] for _ in range(3)] == [0, 1, 2]
    assert caplog.text.count("which cannot be read") == 1


def test_a_message_that_another_reader_took_is_passed_over(folder, queue, monkeypatch):
    queue.put({"number": 1})
    queue.put({"number": 2})
    read = file_queue._read

    def read_too_late(path):
        content = read(path)
        if path == sorted(folder.glob("*.msg"))[0] and len(list(folder.glob("*.msg"))) == 2:
            path.unlink()
        return content

    monkeypatch.setattr(file_queue, "_read", read_too_late)

    assert queue.get(timeout=5).payload == {"number": 2}


@pytest.mark.parametrize("instead", ["nothing", "a file", "a link to nowhere", "a file above it"])
def test_the_folder_is_made_whatever_lies_in_its_place(folder, queue, instead):
    if instead == "a file above it":
        folder.parent.write_text("a file")
    else:
        folder.parent.mkdir()
    if instead == "a file":
        folder.write_text("a file")
    elif instead == "a link to nowhere":
        folder.symlink_to("nowhere")

    with pytest.raises(queue.Empty):
        queue.get(block=False)
    queue.put({"number": 1})

    assert queue.get(timeout=5).payload == {"number": 1}


def test_a_disk_that_is_full_leaves_no_half_message_behind(folder, queue, monkeypatch):
    queue.put({"number": 1})

    def fill_half(path, content):
        with path.open("wb") as file:
            file.write(content[:40])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", fill_half)
    with pytest.raises(ChannelError):
        queue.put({"number": 2})

    assert len(list(folder.iterdir())) == 1


WRITER = """
import sys
from tests.test_file_queue import connection_to
from pathlib import Path
with connection_to(Path(sys.argv[1])) as connection:
    queue = connection.SimpleQueue("messages")
    for number in range(int(sys.argv[2])):
        queue.put({"number": number, "padding": "x" * 2000})
"""


def test_five_thousand_messages_between_two_processes_arrive_once_and_in_order(folder, queue):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(MESSAGES)])
    try:
        numbers = [take(queue) for _ in range(MESSAGES)]
        assert writer.wait(timeout=60) == 0
    finally:
        writer.kill()

    assert numbers == list(range(MESSAGES))
    assert list(folder.iterdir()) == []
    assert not (folder.parent / "unreadable").exists()


def take(queue):
    message = queue.get(timeout=60)
    message.ack()
    return message.payload["number"]
