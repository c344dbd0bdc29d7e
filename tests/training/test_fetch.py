import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from colorize_batch.errors import ModelError, UsageError
from colorize_batch.training.fetch import fetched

CONTENT = b"weights" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Of a server on this machine with the one file w.pth; the user's cache is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "w.pth").write_bytes(CONTENT)
    handler = partial(QuietHandler, directory=tmp_path / "served")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_downloads_once(address: str, tmp_path: Path) -> None:
    path = fetched(f"{address}/w.pth?download=1", SHA256)
    assert path.read_bytes() == CONTENT
    assert path.suffix == ".pth"
    (tmp_path / "served" / "w.pth").unlink()
    assert fetched(f"{address}/w.pth?download=1", SHA256) == path


def test_another_file_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"expected sha256 {'0' * 64}, found {SHA256}"):
        fetched(f"{address}/w.pth", "0" * 64)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_unreachable(address: str) -> None:
    with pytest.raises(ModelError, match="cannot fetch it .*404.*by hand and give its path"):
        fetched(f"{address}/none.pth", SHA256)


@pytest.mark.parametrize("digest", ["", "abc", "Z" * 64])
def test_a_url_needs_a_digest(digest: str) -> None:
    with pytest.raises(UsageError, match="expected its sha256, 64 lower-case hex digits"):
        fetched("https://example.org/w.pth", digest)


def test_paths(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    path.write_bytes(CONTENT)
    assert fetched(str(path), "") == path
    assert fetched(str(path), SHA256) == path
    with pytest.raises(ModelError, match="it is another file"):
        fetched(str(path), "0" * 64)
    with pytest.raises(ModelError, match="cannot read it: No such file"):
        fetched(str(tmp_path / "none.pth"), SHA256)
