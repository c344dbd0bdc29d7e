"""What a run owes: an end for every picture, whatever a model, a file, a disk or a thread does."""

from __future__ import annotations

import os
import threading
import time

import numpy as np
import pytest

from colorize_batch.engine.batch import picture_pipeline, picture_stages, watched_read
from colorize_batch.engine.batch.job import Job, Status
from colorize_batch.engine.batch.runner_options import RunnerOptions
from colorize_batch.engine.batch.source_bytes import sha256_of_file
from colorize_batch.engine.batch.streaming_runner import StreamingRunner
from colorize_batch.engine.pictures.formats import FORMATS
from colorize_batch.engine.pictures.pixel_picture import PixelPicture
from colorize_batch.errors import BackendError, ModelError
from tests.conftest import TINY_CONTRACT
from tests.engine.pictures.many_scans import jpeg_of_scans


class RuledBackend:
    """Gives what `rule` makes of a batch; notes the sizes of the batches."""

    contract = TINY_CONTRACT
    device = "fake"
    callers = 1
    preferred_batch_size = 8
    busy_seconds = ()

    def __init__(self, rule):
        self.rule = rule
        self.sizes = []
        self.interrupted = threading.Event()

    def infer(self, l_batch, hints=None):
        self.sizes.append(len(l_batch))
        return self.rule(l_batch)

    def interrupt(self):
        self.interrupted.set()

    def close(self):
        pass


def good(l_batch):
    count, _, height, width = l_batch.shape
    return np.full((count, 2, height // 2, width // 2), 20, np.float32)


def is_white(l_batch):
    """Whether a plane is the one picture that is light all over."""
    return l_batch.min(axis=(1, 2, 3)) > 99


def run(backend, jobs, **options):
    options = {"workers": 2, "batch_size": 8} | options
    return list(StreamingRunner(backend, RunnerOptions(**options)).run(jobs))


def statuses(outcomes):
    return {outcome.job.source.name: outcome.status for outcome in outcomes}


@pytest.fixture
def jobs(tmp_path, write_pictures):
    """Thirteen pictures, one of them white."""
    paths = write_pictures(tmp_path / "in", 12, ".png")
    white = tmp_path / "in" / "white.png"
    white.write_bytes(
        PixelPicture(pixels=np.full((40, 60), 255, np.uint8)).encoded(FORMATS["png"], 0)
    )
    paths.insert(5, white)
    return [Job(path, tmp_path / "out" / path.name) for path in paths]


def fail_for_white(l_batch):
    if is_white(l_batch).any():
        raise BackendError("cannot do that")
    return good(l_batch)


def nan_for_white(l_batch):
    ab_batch = good(l_batch)
    ab_batch[is_white(l_batch), 1, 0, 0] = np.nan
    return ab_batch


@pytest.mark.parametrize("rule", [fail_for_white, nan_for_white])
def test_a_batch_is_halved_until_only_the_poisoned_picture_fails(jobs, rule):
    outcomes = run(RuledBackend(rule), jobs, workers=1)
    assert len(outcomes) == 13
    failed = [outcome for outcome in outcomes if outcome.status is not Status.DONE]
    assert [outcome.job.source.name for outcome in failed] == ["white.png"]
    assert all(outcome.job.output.exists() for outcome in outcomes if outcome not in failed)


def test_a_device_that_is_gone_fails_every_picture_once(jobs):
    def gone(l_batch):
        raise BackendError("the device is gone")

    outcomes = run(RuledBackend(gone), jobs)
    assert {outcome.reason for outcome in outcomes} == {"the device is gone"}
    assert len(outcomes) == 13


@pytest.mark.parametrize(
    "rule",
    [
        lambda l_batch: np.concatenate([good(l_batch)] * 2),
        lambda l_batch: good(l_batch)[:, :1],
        lambda l_batch: good(l_batch)[0],
        lambda l_batch: good(l_batch)[:, :, :0],
        lambda l_batch: good(l_batch).astype(np.float64),
        lambda l_batch: good(l_batch).transpose(0, 2, 3, 1),
    ],
)
def test_an_output_of_a_wrong_shape_ends_the_run_with_the_models_name(jobs, rule):
    with pytest.raises(ModelError, match=r"model 'tiny': expected ab_planes of \(\d+, 2, h, w\)"):
        run(RuledBackend(rule), jobs)
    assert not jobs[0].output.parent.exists() or not list(jobs[0].output.parent.iterdir())


@pytest.mark.parametrize("stage", ["_infer_loop", "_write_loop", "_commit_loop", "_read_loop"])
def test_a_thread_that_dies_ends_the_run_with_its_error(jobs, monkeypatch, stage):
    def dies(self):
        raise RuntimeError(f"{stage} is broken")

    monkeypatch.setattr(picture_pipeline.PicturePipeline, stage, dies)
    with pytest.raises(RuntimeError, match=f"{stage} is broken"):
        run(RuledBackend(good), jobs)
    assert not list(jobs[0].output.parent.glob(".*"))


def test_what_is_said_of_a_source_is_of_the_bytes_that_were_read(jobs, write_pictures, tmp_path):
    before = {job.source: (job.source.stat(), sha256_of_file(job.source)) for job in jobs}

    def replaces(l_batch):
        for job in jobs:
            other = job.source.with_suffix(".new")
            other.write_bytes(b"another picture")
            other.replace(job.source)
        return good(l_batch)

    for outcome in run(RuledBackend(replaces), jobs[:3]):
        status, sha256 = before[outcome.job.source]
        assert outcome.source_sha256 == sha256
        assert outcome.source_bytes == status.st_size
        assert outcome.source_mtime_ns == status.st_mtime_ns


def test_a_read_that_stalls_holds_up_nobody(jobs, monkeypatch):
    release, read = threading.Event(), picture_stages.read_source

    def stalls(path, *arguments):
        if path.name == "picture-000.png":
            release.wait(20)
        return read(path, *arguments)

    monkeypatch.setattr(picture_stages, "read_source", stalls)
    monkeypatch.setattr(watched_read, "_STALLED_AFTER_S", 0.05)
    runner = StreamingRunner(RuledBackend(good), RunnerOptions(workers=1, batch_size=1))
    outcomes = []
    for outcome in runner.run(jobs):
        outcomes.append(outcome)
        if len(outcomes) == 12:
            release.set()
    assert outcomes[-1].job.source.name == "picture-000.png"
    assert set(statuses(outcomes).values()) == {Status.DONE}


def test_a_read_that_never_comes_back_has_failed(jobs, monkeypatch):
    release, read = threading.Event(), picture_stages.read_source

    def stalls(path, *arguments):
        if path.name.startswith("picture-00"):
            release.wait(20)
        return read(path, *arguments)

    monkeypatch.setattr(picture_stages, "read_source", stalls)
    monkeypatch.setattr(watched_read, "_STALLED_AFTER_S", 0.02)
    monkeypatch.setattr(picture_pipeline, "_PATIENCE_S", 0.2)
    outcomes = run(RuledBackend(good), jobs, workers=1, max_seconds=0.5)
    release.set()
    assert len(outcomes) == 13
    failed = [outcome for outcome in outcomes if outcome.status is Status.FAILED]
    assert len(failed) == 10
    assert {outcome.reason for outcome in failed} == {
        "it could not be read in 0.5 s; its disk or network mount does not answer"
    }


def test_a_slow_read_with_progress_is_waited_for(jobs, monkeypatch):
    read = picture_stages.read_source

    def slow(path, most, on_progress):
        for _ in range(8):
            time.sleep(0.04)
            on_progress()
        return read(path, most, on_progress)

    monkeypatch.setattr(picture_stages, "read_source", slow)
    outcomes = run(RuledBackend(good), jobs[:2], max_seconds=0.2)
    assert set(statuses(outcomes).values()) == {Status.DONE}


def test_a_picture_of_many_seconds_fails_and_the_others_are_done(jobs, tmp_path):
    (tmp_path / "slow.jpg").write_bytes(jpeg_of_scans(12_000, 12_000, 96))
    slow = Job(tmp_path / "slow.jpg", tmp_path / "out" / "slow.jpg")
    outcomes = run(RuledBackend(good), [slow, *jobs], max_seconds=0.5, max_pixels_in_flight=10**9)
    failed = [outcome for outcome in outcomes if outcome.status is Status.FAILED]
    assert [outcome.reason for outcome in failed] == [
        "it takes longer than 0.5 s; raise that with --max-seconds"
    ]
    assert len(outcomes) == 14


def test_what_had_ended_when_a_run_is_stopped_is_told(jobs):
    told = []
    backend = RuledBackend(good)
    outcomes = StreamingRunner(backend, RunnerOptions(workers=2, batch_size=1)).run(
        jobs, after_stop=told.append
    )
    taken = [next(outcomes)]
    deadline = time.monotonic() + 10
    while len(list(jobs[0].output.parent.glob("[!.]*"))) < 6 and time.monotonic() < deadline:
        time.sleep(0.01)
    outcomes.close()
    assert backend.interrupted.is_set()
    written = {path.name for path in jobs[0].output.parent.iterdir()}
    assert {one.job.output.name for one in taken + told if one.status is Status.DONE} == written
    assert len(written) >= 6


def test_a_model_that_loops_is_interrupted(jobs):
    backend = RuledBackend(good)

    def loops(l_batch):
        backend.interrupted.wait(20)
        raise BackendError("terminated")

    backend.rule = loops
    start = time.monotonic()
    outcomes = StreamingRunner(backend, RunnerOptions(workers=1)).run(jobs)
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), 2))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        list(outcomes)
    outcomes.close()
    assert time.monotonic() - start < 10


def test_a_call_that_begins_after_the_first_interrupt_is_interrupted_too(jobs):
    backend, begun = RuledBackend(good), threading.Event()

    def loops(l_batch):
        begun.set()
        time.sleep(0.1)
        backend.interrupted.clear()  # an interrupt before this moment is missed
        backend.interrupted.wait(20)
        raise BackendError("terminated")

    backend.rule = loops
    start = time.monotonic()
    pipeline = picture_pipeline.PicturePipeline(
        picture_stages.PictureStages(backend, RunnerOptions(workers=1)),
        backend,
        RunnerOptions(workers=1),
        jobs,
    )
    with pytest.raises(KeyboardInterrupt), pipeline.running():  # noqa: PT012
        assert begun.wait(5)
        raise KeyboardInterrupt
    assert time.monotonic() - start < 6


def test_outputs_are_synced_before_they_get_their_names(jobs, monkeypatch):
    calls = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("sync"), sync(fd)))
    monkeypatch.setattr(os, "replace", lambda *a: (calls.append("rename"), replace(*a)))
    run(RuledBackend(good), jobs[:1])
    assert calls == ["sync", "rename"]
