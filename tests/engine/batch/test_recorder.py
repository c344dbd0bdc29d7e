from __future__ import annotations

import errno
import json

import pytest

from colorize_batch.engine.batch import recorder as module
from colorize_batch.engine.batch.job import Job, Outcome, Status
from colorize_batch.engine.batch.manifest import MANIFEST_NAME, Manifest
from colorize_batch.engine.batch.recorder import Recorder
from colorize_batch.errors import UnwritableError


@pytest.fixture
def manifest(tmp_path):
    with Manifest(tmp_path / "out" / MANIFEST_NAME, model={}, settings={}) as manifest:
        yield manifest


@pytest.fixture
def recorder(manifest):
    notes = []
    recorder = Recorder(manifest, notes.append)
    recorder.notes = notes
    return recorder


def outcome(manifest, name, status=Status.DONE, **fields):
    job = Job(manifest.path.parent / "in" / name, manifest.path.parent / name)
    return Outcome(job=job, status=status, source_sha256="0", **fields)


def recorded(manifest):
    lines = manifest.path.read_text().splitlines()
    return [(line["output"], line["status"]) for line in map(json.loads, lines)]


def test_outcomes_go_out_in_groups_but_never_late(manifest, recorder, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    assert len(recorder.take(outcome(manifest, "0.jpg"))) == 1
    assert recorder.take(outcome(manifest, "1.jpg")) == []
    clock[0] += 1
    assert len(recorder.take(outcome(manifest, "2.jpg"))) == 2
    for i in range(3, 66):
        assert recorder.take(outcome(manifest, f"{i}.jpg")) == []
    assert len(recorder.take(outcome(manifest, "66.jpg"))) == 64
    recorder.take(outcome(manifest, "67.jpg"))
    assert len(recorder.take(outcome(manifest, "68.jpg", Status.FAILED))) == 2
    recorder.take(outcome(manifest, "69.jpg"))
    assert len(recorder.flush()) == 1
    assert len(recorded(manifest)) == 70


def test_folders_are_synced_before_a_line_says_done(manifest, recorder, monkeypatch):
    seen = []
    monkeypatch.setattr(module, "sync_folder", lambda folder: seen.append(recorded(manifest)))
    recorder.take(outcome(manifest, "a.jpg"))
    recorder.flush()
    assert seen == [[]]
    assert recorded(manifest) == [("a.jpg", "done")]


def test_what_is_perhaps_not_on_the_disk_has_failed(manifest, recorder, monkeypatch):
    def broken(folder):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(module, "sync_folder", broken)
    (given,) = recorder.take(outcome(manifest, "a.jpg"))
    assert given.status is Status.FAILED
    assert "perhaps not on the disk: Input/output error" in given.reason
    assert recorded(manifest) == [("a.jpg", "failed")]


def test_a_folder_that_is_gone_has_failed(manifest, recorder):
    gone = outcome(manifest, "gone/a.jpg")
    (given,) = recorder.take(gone)
    assert given.status is Status.FAILED


def test_the_run_goes_on_without_a_manifest(manifest, recorder, monkeypatch):
    def full(lines):
        raise UnwritableError("cannot write m: No space left on device")

    monkeypatch.setattr(manifest, "append", full)
    assert len(recorder.take(outcome(manifest, "a.jpg"))) == 1
    assert recorder.notes == [
        "cannot write m: No space left on device; going on without a manifest"
    ]
    assert recorder.manifest is None
    assert len(recorder.take(outcome(manifest, "b.jpg", Status.FAILED))) == 1


def test_what_was_left_alone_is_not_recorded(manifest, recorder):
    job = Job(manifest.path, manifest.path.parent / "a.jpg")
    recorder.take(Outcome(job=job, status=Status.SKIPPED, reason="its output exists"))
    recorder.take(Outcome(job=Job(manifest.path), status=Status.FAILED, reason="cannot be listed"))
    assert recorded(manifest) == []


def test_what_an_interrupt_left_unrecorded_is_recorded_by_the_next_flush(
    manifest, recorder, monkeypatch
):
    def interrupted(folder):
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "sync_folder", interrupted)
    with pytest.raises(KeyboardInterrupt):
        recorder.take(outcome(manifest, "a.jpg"))
    assert [given.job.output.name for given in recorder.flush()] == ["a.jpg"]
    assert recorded(manifest) == [("a.jpg", "done")]
    assert recorder.flush() == []
