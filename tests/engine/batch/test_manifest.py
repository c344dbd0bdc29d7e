from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tracemalloc

import pytest

from colorize_batch.engine.batch.job import Job, Outcome, Status
from colorize_batch.engine.batch.location import location_of
from colorize_batch.engine.batch.manifest import MANIFEST_NAME, Manifest
from colorize_batch.engine.batch.manifest_entry import output_of_done_line
from colorize_batch.errors import UnwritableError, UsageError

MODEL = {"name": "tiny", "sha256": "0"}
SETTINGS = {"saturation": 1.0}


@pytest.fixture
def job(tmp_path):
    source, output = tmp_path / "a.jpg", tmp_path / "out" / "a.jpg"
    source.write_bytes(b"source")
    output.parent.mkdir()
    output.write_bytes(b"output")
    return Job(source, output)


@pytest.fixture
def path(job):
    return job.output.parent / MANIFEST_NAME


def open_manifest(job, **changes):
    arguments = {"model": MODEL, "settings": SETTINGS} | changes
    return Manifest(job.output.parent / MANIFEST_NAME, **arguments)


def done(job):
    return Outcome(job=job, status=Status.DONE, output_bytes=6, timings_ms={"read": 1.23456})


def record(job, *others):
    with open_manifest(job) as manifest:
        manifest.append([done(job), *others])


def test_what_was_recorded_is_there_in_the_next_run(job, path):
    record(job)
    with open_manifest(job) as manifest:
        entry = manifest.entry_of(job.output)
        assert entry.output == "a.jpg"
        assert entry.source_path == location_of(job.source) == os.path.realpath(job.source)
        assert manifest.is_of_this_run(entry)
        assert manifest.entry_of(job.output.with_name("b.jpg")) is None
    (line,) = path.read_text().splitlines()
    assert json.loads(line)["status"] == "done"
    assert json.loads(line)["timings_ms"] == {"read": 1.235}


@pytest.mark.parametrize("change", [{"model": {"name": "b", "sha256": "1"}}, {"settings": {}}])
def test_another_model_or_setting_is_another_run(job, change):
    record(job)
    with open_manifest(job, **change) as manifest:
        assert not manifest.is_of_this_run(manifest.entry_of(job.output))


def test_a_later_failure_leaves_the_output_what_it_is(job):
    record(job, Outcome(job=job, status=Status.FAILED, reason="damaged"))
    with open_manifest(job) as manifest:
        assert manifest.entry_of(job.output).status is Status.DONE


def test_names_that_are_not_utf8(tmp_path, job):
    strange = Job(job.source, job.output.with_name(os.fsdecode(b"gr\xfc\xdfe.jpg")))
    record(job, done(strange))
    with open_manifest(job) as manifest:
        assert manifest.entry_of(strange.output).output == strange.output.name


def test_a_line_cut_short_is_removed(job, path):
    record(job)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"source": "b.jpg", "out')
    with open_manifest(job, read_only=True) as manifest:
        assert manifest.entry_of(job.output)
    assert path.read_bytes() != whole
    with open_manifest(job) as manifest:
        assert path.read_bytes() == whole
        manifest.append([done(job)])
    lines = path.read_text().splitlines()
    assert len(lines) == 2
    assert all(json.loads(line)["status"] == "done" for line in lines)


def test_a_first_line_cut_short_is_ours(job, path):
    path.write_bytes(b'{"source": "in/a.jpg", "sour')
    with open_manifest(job) as manifest:
        manifest.append([done(job)])
    assert len(path.read_text().splitlines()) == 1


def test_read_only_makes_and_changes_nothing(tmp_path, job, path):
    with open_manifest(job, read_only=True) as manifest:
        assert manifest.entry_of(job.output) is None
    assert not path.exists()
    with Manifest(tmp_path / "new" / "m.jsonl", model={}, settings={}, read_only=True):
        pass
    assert not (tmp_path / "new").exists()


def test_a_full_disk_leaves_whole_lines(job, path, monkeypatch):
    record(job)
    before = path.read_bytes()
    write = os.write

    def full(descriptor, line):
        write(descriptor, line[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    with open_manifest(job) as manifest:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(UnwritableError, match="No space left"):
            manifest.append([done(job)])
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableError, match="cannot write"):
        Manifest(tmp_path / "file" / MANIFEST_NAME, model=MODEL, settings=SETTINGS)


def test_a_second_run_is_refused_until_the_first_ends(job, path):
    with open_manifest(job), pytest.raises(UsageError, match="another run is writing to"):
        open_manifest(job)
    open_manifest(job).close()


def test_a_second_run_waits_if_it_shall(job, path):
    script = (
        "import sys; from pathlib import Path; from colorize_batch.engine.batch.manifest import"
        " Manifest; Manifest(Path(sys.argv[1]), model={}, settings={}, wait=True).close();"
        " print('opened')"
    )
    first = open_manifest(job)
    with subprocess.Popen(
        [sys.executable, "-c", script, path], stdout=subprocess.PIPE, text=True
    ) as second:
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(1.0)
        first.close()
        assert second.communicate(timeout=20)[0] == "opened\n"


def make_a_link(path):
    target = path.with_name("notes.txt")
    target.write_text("my notes\nwithout an end")
    path.symlink_to(target)


@pytest.mark.parametrize("make", [make_a_link, os.mkfifo, os.mkdir])
@pytest.mark.parametrize("read_only", [False, True])
def test_what_is_no_regular_file_is_refused(job, path, make, read_only):
    make(path)
    with pytest.raises(UsageError, match="is not a regular file"):
        open_manifest(job, read_only=read_only)
    notes = path.with_name("notes.txt")
    assert not notes.exists() or notes.read_text() == "my notes\nwithout an end"


@pytest.mark.parametrize(
    "text",
    [b'{"event": "start"}\n{"event": "stop"}', b"\x00\x01" * 9, b"a,b\n1,2\n", b"x" * 3_000_000],
)
def test_another_programs_file_is_refused_and_stays(job, path, text):
    path.write_bytes(text)
    for read_only in (False, True):
        with pytest.raises(UsageError, match="another program"):
            open_manifest(job, read_only=read_only)
    assert path.read_bytes() == text


def test_lines_that_are_not_ours_are_passed_over(job, path):
    record(job)
    ours = json.loads(path.read_bytes())
    wrong = [
        ours | {"output": ["a.jpg"]},
        ours | {"output": {"a": 1}},
        ours | {"source_bytes": "many"},
        ours | {"source_bytes": True},
        ours | {"status": ["done"]},
        ours | {"status": "finished"},
        ours | {"settings": None},
        {name: value for name, value in ours.items() if name != "model"},
        [ours],
        7,
    ]
    lines = [json.dumps(line).encode() for line in wrong]
    lines += [b"[" * 200_000, b"9" * 5000, b"\xff\xfe", b"", b'{"output": "' + b"x" * 2_500_000]
    path.write_bytes(path.read_bytes() + b"\n".join(lines) + b"\n")
    with open_manifest(job) as manifest:
        assert manifest.entry_of(job.output).output == "a.jpg"
        assert len(manifest._places) == 1


def test_a_file_that_is_changed_underneath_is_not_believed(job, path):
    record(job)
    with open_manifest(job) as manifest:
        assert manifest.is_in_place
        path.write_bytes(b"[]" * 300)
        assert manifest.entry_of(job.output) is None
        path.unlink()
        assert not manifest.is_in_place


def test_a_plain_line_is_known_without_parsing(job, path):
    record(job)
    line = path.read_bytes()
    assert output_of_done_line(line) == "a.jpg"
    for wrong in (
        line.replace(b'"done"', b'"failed"'),
        line.replace(b'"width": 0', b'"width": "0"'),
        line.replace(b'"model": {', b'"models": {'),
        line.replace(b"a.jpg", b"a\\u00fc.jpg"),
        line[:-1],
    ):
        assert wrong != line
        assert output_of_done_line(wrong) is None


def test_memory_of_many_lines(job, path):
    record(job)
    line = path.read_text()
    with path.open("a") as file:
        for i in range(20_000):
            file.write(line.replace('a.jpg", "status', f'{i:06}.jpg", "status'))
    tracemalloc.start()
    with open_manifest(job) as manifest:
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(manifest._places) == 20_001
        assert manifest.entry_of(job.output.with_name("000777.jpg")).output == "000777.jpg"
    assert kept < 20_000 * 200  # bytes; a million is 200 MB
