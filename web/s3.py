"""Files in any store that speaks S3: django-storages, made quick to give up.

A store that is away may cost a picture, and never a page. So each request waits briefly, one that
failed spares the others of this process the wait for a few seconds, and all threads share one
client. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

import logging
import mimetypes
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import urllib3
from boto3 import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import File
from django.utils.encoding import filepath_to_uri
from s3transfer.exceptions import RetriesExceededError
from s3transfer.manager import TransferManager
from storages.backends.s3 import S3Storage as DjangoStorages
from storages.utils import clean_name

from web.media import STORE, StoreAway, Stored, StoreRefused

logger = logging.getLogger(__name__)

CONNECT, ANSWER = 1.5, 3  # seconds
BREATHER = 5  # seconds
# Of a file of any size, which nobody waits for
PATIENCE = Config(connect_timeout=10, read_timeout=60, retries={"total_max_attempts": 5})
CHUNK = 64 * 1024
# What a store says that cannot now: its own trouble, or too many requests.
BUSY = {429, 500, 502, 503, 504}
MISSING = {"404", "NoSuchKey"}


@dataclass(frozen=True)
class Fetched:
    """An answer of the store to a request for a file: the parts of it that a browser is told."""

    status: int
    headers: dict[str, str]
    chunks: Iterator[bytes]


class S3Storage(DjangoStorages):  # type: ignore[misc]  # it has no types
    """A bucket. Only what stands below its `location` is ours, and is handed out."""

    def __init__(self, *, called: str = STORE, **options: Any) -> None:
        self.called = called
        self._client_options = {
            "region_name": options["region_name"],
            "endpoint_url": options["endpoint_url"],
            "verify": options.pop("ca_certs") or True,
        }
        self._config = Config(
            connect_timeout=CONNECT,
            read_timeout=ANSWER,
            retries={"total_max_attempts": 1},
            max_pool_connections=50,
            signature_version="s3v4",
            s3={"addressing_style": options["addressing_style"]},
            # Checksums that are newer than many a store: asked for where S3 itself demands them.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(**options)
        self._lock = threading.Lock()
        self._shared_client: Any = None
        self._away_until = 0.0

    def __str__(self) -> str:
        return f"the bucket {self.bucket_name} (below {self.location}/)"

    # What Django asks of a storage

    def exists(self, name: str) -> bool:
        try:
            self._ask("head_object", Key=self._key(name))
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        return int(self._ask("head_object", Key=self._key(name))["ContentLength"])

    def get_modified_time(self, name: str) -> datetime:
        changed_at: datetime = self._ask("head_object", Key=self._key(name))["LastModified"]
        return changed_at

    def delete(self, name: str) -> None:
        self._ask("delete_object", Key=self._key(name))

    def url(self, name: str | None, *args: Any, **options: Any) -> str:
        """On our own host, so that the pages' policy needs to trust no other."""
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name or "") or "")

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("A file in a bucket is read, or saved whole.")
        found = self._ask("get_object", Key=self._key(name))
        return File(BytesIO(b"".join(self._chunks(found["Body"]))), name)

    def _save(self, name: str, content: File[bytes]) -> str:
        name = clean_name(name)
        content.seek(0)
        kind, _ = mimetypes.guess_type(name)
        self._ask(
            "put_object",
            Key=self._key(name),
            # As a file: bytes would have to be sent within one time-out, however many they are.
            Body=BytesIO(content.read()),
            ContentType=kind or self.default_content_type,
        )
        return str(name)

    # What only a bucket can do

    def files(self) -> Iterator[Stored]:
        """Every file, by name."""
        prefix = f"{self.location.strip('/')}/"
        more: dict[str, str] = {}
        while True:
            found = self._ask("list_objects_v2", Prefix=prefix, **more)
            for one in found.get("Contents", []):
                name = one["Key"].removeprefix(prefix)
                if not one["Key"].endswith("/"):  # else it is a folder that someone made
                    yield Stored(name, one["Size"], one["LastModified"])
            if not found.get("IsTruncated"):
                return
            more = {"ContinuationToken": found["NextContinuationToken"]}

    def send(self, file: Path, name: str) -> None:
        """Keep a file of this machine, of any size; whole or not at all."""
        with self._transferring("upload", key := self._key(name)) as manager:
            manager.upload(str(file), self.bucket_name, key).result()

    def bring(self, name: str, to: Path) -> None:
        """A file of any size, to this machine; whole or not at all."""
        with self._transferring("download", key := self._key(name)) as manager:
            manager.download(self.bucket_name, key, str(to)).result()

    def check(self) -> None:
        """Raise StoreAway, or StoreRefused, if it cannot be used."""
        self._ask("list_objects_v2", Prefix=self.location, MaxKeys=1)

    def fetch(self, name: str, *, range: str = "", known: str = "", head: bool = False) -> Fetched:
        """A file for a browser that asks for this range of it, and has the version `known`."""
        asked = {"Range": range, "IfNoneMatch": known}
        operation = "head_object" if head else "get_object"
        try:
            key = self._key(name)
            found = self._ask(operation, Key=key, **{k: v for k, v in asked.items() if v})
        except (ValueError, SuspiciousOperation) as error:
            raise FileNotFoundError(name) from error
        except StoreRefused as refused:
            if refused.code in ("304", "NotModified"):
                return Fetched(304, {"ETag": known}, iter(()))
            if refused.code in ("416", "InvalidRange"):
                return Fetched(416, {}, iter(()))
            if refused.code == "KeyTooLongError":
                raise FileNotFoundError(name) from refused
            raise
        said = found["ResponseMetadata"]["HTTPHeaders"]
        told = {"content-length", "content-range", "etag", "last-modified"}
        headers = {key.title(): value for key, value in said.items() if key in told}
        headers["Accept-Ranges"] = "bytes"
        chunks = iter(()) if head else self._chunks(found["Body"])
        return Fetched(206 if "Content-Range" in headers else 200, headers, chunks)

    def _key(self, name: str) -> str:
        return str(self._normalize_name(clean_name(name)))

    def _chunks(self, body: Any) -> Iterator[bytes]:
        try:
            yield from body.iter_chunks(CHUNK)
        except (BotoCoreError, urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreAway(self.called) from error
        finally:
            body.close()

    def _ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        now = time.monotonic()
        if now < self._away_until:
            raise StoreAway(self.called)  # not asked: it did not answer a moment ago
        if self._away_until:
            self._away_until = now + BREATHER  # whoever comes meanwhile need not wait for this try
        with self._understood(operation, parameters.get("Key", "")):
            return self._twice(operation, parameters)

    @contextmanager
    def _transferring(self, operation: str, key: str) -> Iterator[TransferManager]:
        """In parts where it is large; a part that gets lost is asked for again."""
        with (
            closing(self._new_client(self._config.merge(PATIENCE))) as client,
            self._understood(operation, key),
            TransferManager(client) as manager,
        ):
            yield manager

    @contextmanager
    def _understood(self, operation: str, key: str) -> Iterator[None]:
        """What the store says is wrong, in the words of `web.media`."""
        try:
            yield
            self._away_until = 0.0
        except ClientError as error:
            said = error.response
            code = str(said.get("Error", {}).get("Code", ""))
            if said["ResponseMetadata"]["HTTPStatusCode"] in BUSY:
                self._be_away(operation, code)
                raise StoreAway(self.called) from error
            self._away_until = 0.0
            if code in MISSING:
                raise FileNotFoundError(key) from error
            if code not in ("304", "NotModified", "416", "InvalidRange", "KeyTooLongError"):
                logger.error("%s refused %s: %s", self.called, operation, code)
            raise StoreRefused(code, self.called) from error
        except (BotoCoreError, RetriesExceededError) as error:
            self._be_away(operation, type(error).__name__)
            raise StoreAway(self.called) from error

    def _twice(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Once more where an idle connection was cut: all that we ask is repeatable."""
        ask = getattr(self._client(), operation)
        try:
            found: dict[str, Any] = ask(Bucket=self.bucket_name, **parameters)
        except ConnectionClosedError:
            if body := parameters.get("Body"):
                body.seek(0)
            found = ask(Bucket=self.bucket_name, **parameters)
        return found

    def _be_away(self, operation: str, why: str) -> None:
        self._away_until = time.monotonic() + BREATHER
        logger.warning("%s did not answer to %s: %s", self.called, operation, why)

    def _client(self) -> Any:
        """One for all threads, made when it is first needed: after the server has forked."""
        with self._lock:  # https://docs.aws.amazon.com/boto3/latest/guide/clients.html
            if self._shared_client is None:
                self._shared_client = self._new_client(self._config)
        return self._shared_client

    def _new_client(self, config: Config) -> Any:
        session = Session(self.access_key, self.secret_key)
        return session.client("s3", config=config, **self._client_options)
