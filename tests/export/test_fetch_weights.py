"""Fetching against a server on this machine: whole, broken, resumed, and of another content."""

from __future__ import annotations

import hashlib
import http.server
import re
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from colorize_batch.engine.inference.published_files import PUBLISHED_FILES
from colorize_batch.errors import ModelError

pytest.importorskip("pooch")

from colorize_batch.export import fetch_weights as module
from colorize_batch.export.fetch_weights import fetch_weights

CONTENT = bytes(range(256)) * 20_000


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT; `break_at` cuts transfers short there, as often as `breaks` says."""

    def do_GET(self):
        server = self.server
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked and server.ranges else 0
        server.starts.append(start)
        if self.path != "/weights.pth":
            self.send_error(404)
            return
        if start >= len(server.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(server.content) - start))
        self.end_headers()
        end = len(server.content)
        if server.breaks:
            server.breaks -= 1
            end = min(end, start + server.step)
        self.wfile.write(server.content[start:end])
        self.close_connection = True

    def log_message(self, *_):
        pass


@contextmanager
def serving(content=CONTENT, *, breaks=0, step=30 << 16, ranges=True):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.content, server.breaks, server.step, server.ranges = content, breaks, step, ranges
    server.starts = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def published_at(server, path="/weights.pth"):
    return replace(
        PUBLISHED_FILES[0],
        name="mine",
        file="weights.pth",
        url=f"http://127.0.0.1:{server.server_port}{path}",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
    )


def test_fetched_once(tmp_path):
    seen = []
    with serving() as server:
        published = published_at(server)
        path = fetch_weights(published, tmp_path, on_progress=lambda *step: seen.append(step))
        again = fetch_weights(published, tmp_path)
    assert path.read_bytes() == CONTENT
    assert again == path
    assert server.starts == [0]
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_broken_transfer_goes_on_where_it_stopped(tmp_path):
    with serving(breaks=2) as server:
        path = fetch_weights(published_at(server), tmp_path)
    assert path.read_bytes() == CONTENT
    assert server.starts == [0, 30 << 16, 60 << 16]


def test_what_came_is_kept_for_the_next_call(tmp_path):
    with serving(breaks=99, step=0) as server:
        published = published_at(server)
        (tmp_path / f".mine-{published.sha256[:8]}.pth.partial").write_bytes(CONTENT[:777])
        with pytest.raises(ModelError, match="run it again, it goes on where it stopped"):
            fetch_weights(published, tmp_path)
        assert server.starts == [777] * module.RETRIES
        server.breaks = 0
        assert fetch_weights(published, tmp_path).read_bytes() == CONTENT
        assert server.starts[-1] == 777


def test_a_server_that_knows_no_ranges_sends_all_again(tmp_path):
    with serving(breaks=1, ranges=False) as server:
        assert fetch_weights(published_at(server), tmp_path).read_bytes() == CONTENT


def test_another_content_is_refused_and_thrown_away(tmp_path):
    refused = pytest.raises(ModelError, match="expected sha256 .* found another file")
    with serving(CONTENT[::-1]) as server, refused:
        fetch_weights(published_at(server), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_partial_file_of_something_longer_is_thrown_away(tmp_path):
    with serving() as server:
        published = published_at(server)
        (tmp_path / f".mine-{published.sha256[:8]}.pth.partial").write_bytes(CONTENT + b"more")
        with pytest.raises(ModelError, match="found another file"):
            fetch_weights(published, tmp_path)
        assert fetch_weights(published, tmp_path).read_bytes() == CONTENT


def test_a_file_that_was_damaged_since_is_fetched_again(tmp_path):
    with serving() as server:
        path = fetch_weights(published_at(server), tmp_path)
        path.write_bytes(b"damaged")
        assert fetch_weights(published_at(server), tmp_path).read_bytes() == CONTENT


def test_no_such_address(tmp_path):
    with serving() as server, pytest.raises(ModelError, match="cannot fetch it .404"):
        fetch_weights(published_at(server, "/other"), tmp_path)
    with pytest.raises(ModelError, match="cannot fetch it"):
        fetch_weights(published_at(server), tmp_path)
