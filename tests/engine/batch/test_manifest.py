from __future__ import annotations

import errno
import json
import os

import pytest

from colorize_batch.engine.batch.existing_outputs import Existing, reason_to_skip
from colorize_batch.engine.batch.job import Job, Outcome, Status
from colorize_batch.engine.batch.manifest import MANIFEST_NAME, Manifest
from colorize_batch.errors import UnwritableError

MODEL = {"name": "tiny", "sha256": "0"}
SETTINGS = {"saturation": 1.0}


@pytest.fixture
def job(tmp_path):
    source, output = tmp_path / "a.jpg", tmp_path / "out" / "a.jpg"
    source.write_bytes(b"source")
    output.parent.mkdir()
    output.write_bytes(b"output")
    return Job(source, output)


def open_manifest(job, **changes):
    arguments = {"model": MODEL, "settings": SETTINGS} | changes
    return Manifest(job.output.parent / MANIFEST_NAME, **arguments)


def done(job):
    return Outcome(job=job, status=Status.DONE, output_bytes=6, timings_ms={"read": 1.23456})


def record(job):
    with open_manifest(job) as manifest:
        manifest.append(done(job))


def test_what_was_recorded_is_finished_in_the_next_run(job):
    record(job)
    with open_manifest(job) as manifest:
        assert manifest.is_finished(job)
    (line,) = (job.output.parent / MANIFEST_NAME).read_text().splitlines()
    entry = json.loads(line)
    assert entry["output"] == "a.jpg"
    assert entry["status"] == "done"
    assert entry["timings_ms"] == {"read": 1.235}


@pytest.mark.parametrize("change", [{"model": {"name": "b", "sha256": "1"}}, {"settings": {}}])
def test_another_model_or_setting_is_not_finished(job, change):
    record(job)
    with open_manifest(job, **change) as manifest:
        assert not manifest.is_finished(job)


def test_a_changed_source_or_output_is_not_finished(job):
    record(job)
    job.output.write_bytes(b"cut")
    with open_manifest(job) as manifest:
        assert not manifest.is_finished(job)
    job.output.write_bytes(b"output")
    job.source.write_bytes(b"another")
    with open_manifest(job) as manifest:
        assert not manifest.is_finished(job)


def test_a_later_failure_counts(job):
    record(job)
    with open_manifest(job) as manifest:
        manifest.append(Outcome(job=job, status=Status.FAILED, reason="damaged"))
        assert not manifest.is_finished(job)


def test_a_line_cut_short_is_mended(job):
    record(job)
    path = job.output.parent / MANIFEST_NAME
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"source": "b.jpg", "out')
    with open_manifest(job) as manifest:
        assert manifest.is_finished(job)
        manifest.append(done(job))
    lines = path.read_text().splitlines()
    assert len(lines) == 2
    assert all(json.loads(line)["status"] == "done" for line in lines)


def test_a_full_disk_leaves_whole_lines(job, monkeypatch):
    record(job)
    path = job.output.parent / MANIFEST_NAME
    before = path.read_bytes()
    write = os.write

    def full(descriptor, line):
        write(descriptor, line[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    with open_manifest(job) as manifest:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(UnwritableError, match="No space left"):
            manifest.append(done(job))
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableError, match="cannot write"):
        Manifest(tmp_path / "file" / MANIFEST_NAME, model=MODEL, settings=SETTINGS)


def test_reasons_to_skip(job):
    record(job)
    with open_manifest(job) as manifest:
        assert reason_to_skip(job, Existing.KEEP, manifest) == "its output exists"
        assert reason_to_skip(job, Existing.RESUME, manifest) == "finished before"
        assert reason_to_skip(job, Existing.OVERWRITE, manifest) == ""
    with open_manifest(job, settings={}) as manifest:
        assert reason_to_skip(job, Existing.RESUME, manifest) == ""
    job.output.unlink()
    assert reason_to_skip(job, Existing.KEEP, None) == ""
