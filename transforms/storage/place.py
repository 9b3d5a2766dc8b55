"""Where a dataset lies: one address, as pyarrow (the files) and deltalake (the log) each need it.

Both are given the same endpoint and region from the environment, so that a file and the log that names it cannot end up
in different stores. Credentials each finds by itself, the usual way of the store.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow.fs as pafs

_ACCOUNT_FIELDS = ("client_email", "private_key", "private_key_id")


class PlaceError(ValueError):
    """The address cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Place:
    """One dataset's folder.

    Attributes:
        filesystem: Where it is.
        path: The folder in that filesystem.
        uri: The folder as deltalake takes it.
        options: Storage options for deltalake; None on a local disk.
    """

    filesystem: pafs.FileSystem
    path: str
    uri: str
    options: dict[str, str] | None = None

    @property
    def is_local(self) -> bool:
        """True on a disk of this machine."""
        return self.options is None


def open_place(root: str, environment: Mapping[str, str] = os.environ) -> Place:
    """The place of a local folder, `s3://bucket/prefix` or `gs://bucket/prefix`.

    Args:
        environment: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL (a store that speaks S3), AWS_REGION or AWS_DEFAULT_REGION;
            STORAGE_EMULATOR_HOST (an emulator of Google Cloud Storage, asked without credentials).

    Raises:
        PlaceError: The scheme is another one.
        OSError: The bucket's region was not given and cannot be found out.
    """
    if "://" not in root:
        path = str(Path(root).resolve())
        return Place(pafs.LocalFileSystem(), path, path)
    scheme, _, path = root.rstrip("/").partition("://")
    if scheme in ("s3", "s3a"):
        return _s3(path, environment)
    if scheme in ("gs", "gcs"):
        return _google(path, environment)
    raise PlaceError(f"{root}: datasets lie in a local folder, at s3://… or at gs://…, not at {scheme}://.")


def _s3(path: str, environment: Mapping[str, str]) -> Place:
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if not region:
        region = "us-east-1" if endpoint else str(pafs.resolve_s3_region(path.split("/", 1)[0]))
    # A commit is an object that may not exist yet: the store decides between two writers (If-None-Match).
    options = {"aws_region": region, "aws_conditional_put": "etag"}
    if not endpoint:
        return Place(pafs.S3FileSystem(region=region), path, f"s3://{path}", options)
    address = urlsplit(endpoint)
    options |= {"aws_endpoint_url": endpoint, "aws_allow_http": str(address.scheme == "http").lower()}
    filesystem = pafs.S3FileSystem(region=region, scheme=address.scheme, endpoint_override=address.netloc)
    return Place(filesystem, path, f"s3://{path}", options)


def _google(path: str, environment: Mapping[str, str]) -> Place:
    emulator = environment.get("STORAGE_EMULATOR_HOST")
    if not emulator:
        return Place(pafs.GcsFileSystem(), path, f"gs://{path}", {})
    address = urlsplit(emulator if "://" in emulator else f"http://{emulator}")
    # An account without a key: with google_skip_signature alone object_store still asks for a token before it writes.
    account = {"gcs_base_url": address.geturl(), "disable_oauth": True} | dict.fromkeys(_ACCOUNT_FIELDS, "")
    options = {
        "google_service_account_key": json.dumps(account),
        "allow_http": str(address.scheme == "http").lower(),
    }
    filesystem = pafs.GcsFileSystem(anonymous=True, scheme=address.scheme, endpoint_override=address.netloc)
    return Place(filesystem, path, f"gs://{path}", options)
