"""Fetch a public file once, and only if it is the very file that was meant."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from ..errors import ModelError, UsageError, first_line

CHUNK_BYTES: Final = 1 << 20
TIMEOUT_SECONDS: Final = 60


def fetched(source: str, sha256: str) -> Path:
    """Give a local path for a path or a URL; a URL is downloaded unless that was done before.

    Parameters
    ----------
    source
        A path, or an address that begins with http:// or https://.
    sha256
        64 lower-case hex digits of the file; "" leaves a local path unchecked.

    Returns
    -------
    Path
        Of the file: `source`, or one in the user's cache under its digest.

    Raises
    ------
    UsageError
        A URL without a digest, or something else for one.
    ModelError
        The address cannot be reached, or the file is another one.
    """
    remote = source.startswith(("http://", "https://"))
    if (remote or sha256) and not re.fullmatch("[0-9a-f]{64}", sha256):
        raise UsageError(f"{source}: expected its sha256, 64 lower-case hex digits, got {sha256!r}")
    if not remote:
        if sha256:
            _check(source, _digest(Path(source)), sha256)
        return Path(source)
    path = _cached_path(source, sha256)
    if not path.exists():
        _download(source, sha256, path)
    return path


def _cached_path(url: str, sha256: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    suffix = Path(url.partition("?")[0]).suffix
    return cache / "colorize-batch" / "fetched" / f"{sha256}{suffix}"


def _download(url: str, sha256: str, path: Path) -> None:
    digest = hashlib.sha256()
    partial = path.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Only http and https come here.
        with (
            urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer,
            partial.open("wb") as file,
        ):
            while chunk := answer.read(CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
        _check(url, digest.hexdigest(), sha256)
        partial.replace(path)
    except (urllib.error.URLError, OSError) as error:
        raise ModelError(
            f"{url}: cannot fetch it ({error}); fetch it by hand and give its path"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot read it: {first_line(error)}") from error


def _check(source: str, found: str, expected: str) -> None:
    if found != expected:
        raise ModelError(f"{source}: expected sha256 {expected}, found {found}; it is another file")
