"""A published file of weights, fetched once and only if it is the very file that is meant."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pooch
import requests

from ..engine.inference.published_files import PublishedFile
from ..errors import ModelError, first_line

# Small, because what a break leaves of a chunk is lost.
CHUNK_BYTES: Final = 1 << 16
TIMEOUT_SECONDS: Final = 60
# Broken transfers in a row that bring nothing new.
RETRIES: Final = 3
PARTIAL_CONTENT: Final = 206
RANGE_NOT_SATISFIABLE: Final = 416


def fetch_weights(
    published: PublishedFile,
    folder: Path,
    *,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Path:
    """Download a file, or find that it is there.

    What a broken transfer brought is kept beside the file as `.partial`, and the next call goes on from
    there. The file gets its name only when its SHA-256 is the published one.

    Parameters
    ----------
    published
        Which file.
    folder
        Where it goes; made if need be.
    on_progress
        Called with bytes that are there and bytes in all; 0 in all if the server does not say.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ModelError
        The address cannot be reached, the transfer broke, or the file is another one.
    """
    path = folder / f"{published.name}-{published.sha256[:8]}{Path(published.file).suffix}"
    # pooch declares other names for the arguments than it passes.
    download: Any = _Resuming(path.with_name(f".{path.name}.partial"), on_progress)
    try:
        # It also checks a file that is there, and fetches it again if it is another one.
        pooch.retrieve(
            published.url,
            known_hash=f"sha256:{published.sha256}",
            fname=path.name,
            path=folder,
            downloader=download,
        )
    except ValueError as error:
        raise ModelError(
            f"{published.url}: expected sha256 {published.sha256}, found another file, which was "
            "thrown away; its publisher may have replaced it, or something on the way did"
        ) from error
    except (requests.RequestException, OSError) as error:
        raise ModelError(
            f"{published.url}: cannot fetch it ({first_line(error)}); run it again, it goes on where "
            "it stopped, or fetch it by hand and use colorize-export import"
        ) from error
    return path


class _Resuming:
    """A downloader for pooch that goes on where an earlier one stopped.

    Parameters
    ----------
    partial
        What there is so far.
    on_progress
        As of `fetch_weights`.
    """

    def __init__(self, partial: Path, on_progress: Callable[[int, int], None]) -> None:
        self._partial = partial
        self._on_progress = on_progress

    def __call__(self, url: str, output_file: Any, _pooch: Any, **_: Any) -> None:
        """Download to a file of pooch's."""
        retries = RETRIES
        while True:
            before = self._size()
            try:
                self._continue(url)
            except requests.HTTPError:
                raise
            except requests.RequestException:
                retries = RETRIES if self._size() > before else retries - 1
                if retries <= 0:
                    raise
            else:
                break
        shutil.move(self._partial, os.fspath(output_file))

    def _size(self) -> int:
        return self._partial.stat().st_size if self._partial.exists() else 0

    def _continue(self, url: str) -> None:
        start = self._size()
        headers = {"Range": f"bytes={start}-"} if start else {}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as answer:
            if start and answer.status_code == RANGE_NOT_SATISFIABLE:
                # All of it is there, or more than there should be: the digest will tell.
                return
            answer.raise_for_status()
            if answer.status_code != PARTIAL_CONTENT:
                start = 0
            length = int(answer.headers.get("Content-Length", 0))
            total = start + length if length else 0
            with self._partial.open("ab" if start else "wb") as file:
                done = start
                self._on_progress(done, total)
                for chunk in answer.iter_content(CHUNK_BYTES):
                    file.write(chunk)
                    done += len(chunk)
                    self._on_progress(done, total)
        if total and done < total:
            raise requests.ConnectionError(f"{done} of {total} bytes came")
