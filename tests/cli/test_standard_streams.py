"""Commands whose streams are closed or full, and commands that are stopped while they start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from colorize_batch.cli.standard_streams import ForgivingWriter

RUN = "from colorize_batch.cli.entry import batch; batch()"
COMMAND = [sys.executable, "-c", RUN]

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")


@pytest.fixture
def words(tmp_path, write_pictures, tiny_model):
    write_pictures(tmp_path / "in", 3)
    (tmp_path / "in" / "broken.jpg").write_text("no picture")
    return [*COMMAND, str(tmp_path / "in"), str(tmp_path / "out"), "--model", str(tiny_model)]


def outputs(tmp_path):
    return sorted(path.name for path in (tmp_path / "out").glob("*.jpg"))


def run(words, redirection):
    shell = ["sh", "-c", f'exec "$@" {redirection}', "sh", *words]
    return subprocess.run(shell, capture_output=True, text=True, check=False, timeout=60)


@needs_full
@pytest.mark.parametrize(
    "redirection", ["> /dev/full", ">&-", "2> /dev/full", "2>&-", "<&- >&- 2>&-"]
)
def test_streams_that_take_nothing_do_not_end_the_work(words, tmp_path, redirection):
    done = run(words, redirection)
    assert done.returncode == 2
    assert len(outputs(tmp_path)) == 3
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception ignored" not in done.stderr
    for path in (tmp_path / "out").iterdir():
        assert b"failed:" not in path.read_bytes()[:200]  # no file got a stream's number


@needs_full
def test_a_summary_that_is_lost_is_told(words, tmp_path):
    done = run([*words, "--json"], "> /dev/full")
    assert "note: standard output took not all: No space left on device" in done.stderr


def test_a_writer_drops_what_is_not_taken():
    reading, writing = os.pipe()
    writer = ForgivingWriter(writing)
    assert writer.write(b"abc") == 3
    assert os.read(reading, 9) == b"abc"
    os.close(reading)
    assert writer.write(b"abc") == 3
    assert writer.error is None  # a reader that went away is no fault
    os.close(writing)
    assert writer.write(b"abc") == 3
    assert writer.error is not None


@pytest.mark.parametrize("after_ms", [60, 150, 300, 600])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_starting_is_one_line_and_130(words, after_ms, number):
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        time.sleep(after_ms / 1000)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    if process.returncode == -number or (number == signal.SIGINT and "site" in err):
        pytest.skip("it came before the command's first line")
    assert process.returncode in (130, 2)
    assert "Traceback" not in err


@pytest.mark.xfail(
    strict=False,
    reason="known: about one stop in a hundred leaves one output more or less than there are lines",
)
def test_sigterm_stops_like_ctrl_c(tmp_path, write_pictures, tiny_model):
    write_pictures(tmp_path / "in", 300)
    out = tmp_path / "out"
    words = [*COMMAND, str(tmp_path / "in"), str(out), "--model", str(tiny_model)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and len(list(out.glob("*.jpg"))) < 10:
            time.sleep(0.002)
        process.terminate()
        err = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert err.endswith("stopped; run the same command with --resume to go on\n")
    assert not list(out.glob(".*partial"))
    lines = (out / "colorize-batch.jsonl").read_text().splitlines()
    assert len(lines) == len(outputs(tmp_path)) < 300


def test_a_signal_that_is_ignored_stays_so(tmp_path, write_pictures, tiny_model):
    write_pictures(tmp_path / "in", 3)
    code = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); {RUN}"
    words = [sys.executable, "-c", code, str(tmp_path / "in"), str(tmp_path / "out")]
    with subprocess.Popen([*words, "--model", str(tiny_model)], stderr=subprocess.PIPE) as process:
        time.sleep(0.3)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=30)
    assert process.returncode == 0
