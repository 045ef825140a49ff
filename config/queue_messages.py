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
    if fault := _fault_of(message):
        raise Unreadable(fault)
    return message


def _fault_of(message: Any) -> str:
    if not isinstance(message, dict):
        return "it is not an object"
    properties = message.get("properties")
    if not isinstance(properties, dict):
        return "it has no properties"
    route = properties.get("delivery_info")
    if not isinstance(route, dict) or not _are_texts(
        route.get("exchange"), route.get("routing_key")
    ):
        return "it does not say which queue it is for"
    if not isinstance(message.get("headers"), dict):
        return "it has no headers"
    if not _are_texts(properties.get("delivery_tag"), message.get("body")):
        return "it has no tag or no body"
    for key in ("content-type", "content-encoding"):
        if not isinstance(message.get(key), str | None):
            return f"its {key} is not text"
    if properties.get("body_encoding") == "base64":
        try:
            base64.b64decode(message["body"], validate=True)
        except ValueError:
            return "its body does not match its encoding"
    elif properties.get("body_encoding") not in (None, "utf-8"):
        return "its body is in an unknown encoding"
    return ""


def _are_texts(*values: Any) -> bool:
    return all(isinstance(value, str) for value in values)
