"""What a message of the queue must look like, wherever the queue is kept."""

import base64
from typing import Any

from kombu.utils.json import loads


class Unreadable(Exception):
    """These bytes are no message of ours."""


def parse(content: bytes) -> dict[str, Any]:
    """The message in these bytes. Raises Unreadable for anything that is none."""
    try:
        message = loads(content.decode())
    except Exception as error:  # JSON with types of its own calls any code, and is nested at will
        raise Unreadable(f"{type(error).__name__}: {error}"[:200]) from None
    if not isinstance(message, dict):
        raise Unreadable("it is not an object")
    if fault := _fault_of(message):
        raise Unreadable(fault)
    return message


def _fault_of(message: dict[str, Any]) -> str:
    properties = message.get("properties")
    if not isinstance(properties, dict):
        return "it has no properties"
    if not _is_route(properties.get("delivery_info")):
        return "it does not say which queue it is for"
    if not isinstance(message.get("headers"), dict):
        return "it has no headers"
    if not _are_texts(properties.get("delivery_tag"), message.get("body")):
        return "it has no tag or no body"
    for key in ("content-type", "content-encoding"):
        if not isinstance(message.get(key), str | None):
            return f"its {key} is not text"
    return _fault_of_body(message["body"], properties.get("body_encoding"))


def _fault_of_body(body: str, encoding: object) -> str:
    if encoding in (None, "utf-8"):
        return ""
    if encoding != "base64":
        return "its body is in an unknown encoding"
    try:
        base64.b64decode(body, validate=True)
    except ValueError:
        return "its body does not match its encoding"
    return ""


def _is_route(value: object) -> bool:
    return isinstance(value, dict) and _are_texts(value.get("exchange"), value.get("routing_key"))


def _are_texts(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)
