from __future__ import annotations

import os

import pytest

from colorize_batch.engine.batch.existing_outputs import Existing, verdict_on, verdicts
from colorize_batch.engine.batch.job import Job, Outcome, Status
from colorize_batch.engine.batch.manifest import MANIFEST_NAME, Manifest
from colorize_batch.engine.batch.source_bytes import read_source, sha256_of_file

FINISHED = (Status.SKIPPED, "finished before")
TO_DO = (None, "")


@pytest.fixture
def job(tmp_path):
    source, output = tmp_path / "box" / "a.jpg", tmp_path / "out" / "a.jpg"
    for path, text in ((source, b"source"), (output, b"output")):
        path.parent.mkdir()
        path.write_bytes(text)
    with open_manifest(tmp_path) as manifest:
        manifest.append([done(Job(source, output))])
    return Job(source, output)


def open_manifest(tmp_path, **changes):
    arguments = {"model": {"name": "tiny"}, "settings": {"saturation": 1.0}} | changes
    return Manifest(tmp_path / "out" / MANIFEST_NAME, **arguments)


def done(job):
    source = read_source(job.source)
    return Outcome(
        job=job,
        status=Status.DONE,
        source_bytes=len(source.file_bytes),
        source_mtime_ns=source.mtime_ns,
        source_sha256=source.sha256,
        output_bytes=job.output.stat().st_size,
        output_sha256=sha256_of_file(job.output),
    )


def verdict(tmp_path, job, existing=Existing.RESUME, **changes):
    with open_manifest(tmp_path, **changes) as manifest:
        return verdict_on(job, existing, manifest)


def lines(tmp_path):
    return (tmp_path / "out" / MANIFEST_NAME).read_bytes().count(b"\n")


def test_the_rules(tmp_path, job):
    assert verdict(tmp_path, job, Existing.KEEP) == (Status.SKIPPED, "its output exists")
    assert verdict(tmp_path, job, Existing.RESUME) == FINISHED
    assert verdict(tmp_path, job, Existing.VERIFY) == FINISHED
    assert verdict(tmp_path, job, Existing.OVERWRITE) == TO_DO
    assert verdict_on(job, Existing.RESUME, None) == FINISHED
    job.output.unlink()
    for existing in Existing:
        assert verdict(tmp_path, job, existing) == TO_DO


@pytest.mark.parametrize("change", [{"model": {"name": "b"}}, {"settings": {}}])
def test_another_model_or_setting_has_to_be_done(tmp_path, job, change):
    assert verdict(tmp_path, job, **change) == TO_DO


@pytest.mark.parametrize("existing", Existing)
def test_a_folder_in_the_place_of_the_output_is_a_failure(tmp_path, job, existing):
    job.output.unlink()
    job.output.mkdir()
    status, reason = verdict(tmp_path, job, existing)
    assert status is Status.FAILED
    assert "a.jpg is a folder" in reason


def test_an_output_of_another_size_has_to_be_done(tmp_path, job):
    job.output.write_bytes(b"cut")
    assert verdict(tmp_path, job) == TO_DO


def test_an_output_of_other_bytes_is_found_by_verifying(tmp_path, job):
    job.output.write_bytes(b"tuptuo")
    assert verdict(tmp_path, job) == FINISHED
    assert verdict(tmp_path, job, Existing.VERIFY) == TO_DO


def test_a_source_that_was_only_touched_is_known_by_its_bytes(tmp_path, job):
    os.utime(job.source, (1, 1))
    assert verdict(tmp_path, job) == FINISHED
    assert lines(tmp_path) == 2  # its new time, so that it need not be read again
    assert verdict(tmp_path, job) == FINISHED
    assert lines(tmp_path) == 2


def test_a_dry_run_does_not_record_the_new_time(tmp_path, job):
    os.utime(job.source, (1, 1))
    assert verdict(tmp_path, job, read_only=True) == FINISHED
    assert lines(tmp_path) == 1


def test_a_changed_source_has_to_be_done(tmp_path, job):
    job.source.write_bytes(b"SOURCE")
    assert verdict(tmp_path, job) == TO_DO
    job.source.write_bytes(b"longer source")
    assert verdict(tmp_path, job) == TO_DO


def test_a_source_spelled_otherwise_is_the_same(tmp_path, job, monkeypatch):
    (tmp_path / "link").symlink_to("box")
    monkeypatch.chdir(tmp_path)
    for spelling in ("box/a.jpg", "link/a.jpg", "box/../box/a.jpg"):
        assert verdict(tmp_path, Job(type(job.source)(spelling), job.output)) == FINISHED
    assert lines(tmp_path) == 1


def test_a_folder_that_was_moved_is_known_by_its_bytes(tmp_path, job):
    job.source.parent.rename(tmp_path / "mount")
    moved = Job(tmp_path / "mount" / "a.jpg", job.output)
    assert verdict(tmp_path, moved) == FINISHED
    assert lines(tmp_path) == 2


def test_an_output_of_another_picture_is_not_replaced(tmp_path, job):
    (tmp_path / "box2").mkdir()
    other = Job(tmp_path / "box2" / "a.jpg", job.output)
    for text in (b"SOURCE", b"longer source"):
        other.source.write_bytes(text)
        for change in ({}, {"settings": {}}):
            status, reason = verdict(tmp_path, other, **change)
            assert status is Status.FAILED
            assert "was made of another picture" in reason
    assert verdict(tmp_path, other, Existing.OVERWRITE) == TO_DO


def test_a_source_that_is_gone_is_for_the_run_to_tell(tmp_path, job):
    job.source.unlink()
    assert verdict(tmp_path, job) == TO_DO


def test_a_name_that_is_too_long_fails_alone(tmp_path, job):
    long = Job(job.source, job.output.with_name("a" * 300 + ".jpg"))
    status, reason = verdict(tmp_path, long)
    assert (status, "File name too long" in reason) == (Status.FAILED, True)


def test_verdicts_keep_the_order(tmp_path, job):
    jobs = [job, *(Job(job.source, tmp_path / "out" / f"{i}.jpg") for i in range(600))]
    with open_manifest(tmp_path) as manifest:
        settled = list(verdicts(jobs, Existing.RESUME, manifest))
    assert [one for one, _ in settled] == jobs
    assert [verdict for _, verdict in settled] == [FINISHED] + [TO_DO] * 600
