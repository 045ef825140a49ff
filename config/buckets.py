"""The address of a bucket: s3://key:secret@host/bucket/folder?region=…"""

import re
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote

FIX = (
    "Write it as s3://key:secret@host/bucket?region=eu-central-1, with %2F for / in the secret;"
    " s3+http:// is without TLS"
)
SCHEMES = {"s3": "https", "s3+http": "http"}
OPTIONS = {"region", "addressing", "ca_certs"}
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
FOLDER = re.compile(r"[\w-]+(/[\w-]+)*", re.ASCII)


class WrongBucket(ValueError):
    """What is wrong, as the end of a sentence."""


def options(parts: SplitResult, folder_if_none: str) -> dict[str, Any]:
    """Those of `web.s3.S3Storage`."""
    query = parse_qs(parts.query, keep_blank_values=True)
    bucket, _, folder = parts.path.strip("/").partition("/")
    is_odd = bool(folder) and not FOLDER.fullmatch(folder)
    style = query.get("addressing", ["path"])[-1]
    wrong = {
        "names no key, or no secret": not parts.username or not parts.password,
        "names no bucket": not BUCKET.fullmatch(bucket),
        "names a folder with characters other than A-Z, a-z, 0-9, - and _": is_odd,
        "has an option other than region=, addressing=path or =virtual, and ca_certs=": (
            not query.keys() <= OPTIONS or style not in ("path", "virtual")
        ),
    }
    if found := next((fault for fault, is_so in wrong.items() if is_so), ""):
        raise WrongBucket(found)
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    return {
        "access_key": unquote(parts.username or ""),
        "secret_key": unquote(parts.password or ""),
        "bucket_name": bucket,
        "location": folder or folder_if_none,
        "endpoint_url": f"{SCHEMES[parts.scheme]}://{host}{f':{parts.port}' if parts.port else ''}",
        "region_name": query.get("region", ["us-east-1"])[-1],
        "addressing_style": style,
        "ca_certs": query.get("ca_certs", [""])[-1],
    }


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether what one holds is also below the other: the same bucket, a folder in the other's."""
    if any(one[key] != other[key] for key in ("endpoint_url", "bucket_name")):
        return False
    first, second = sorted((f"{one['location']}/", f"{other['location']}/"), key=len)
    return second.startswith(first)
