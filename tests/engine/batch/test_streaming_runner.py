from __future__ import annotations

import gc
import random
import threading
import time
import weakref
from contextlib import closing

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colorize_batch.engine.batch import picture_stages
from colorize_batch.engine.batch.job import Job, Status
from colorize_batch.engine.batch.runner_options import RunnerOptions
from colorize_batch.engine.batch.streaming_runner import StreamingRunner
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.engine.pictures.pixel_picture import PixelPicture
from colorize_batch.errors import BackendError, UsageError
from tests.conftest import TINY_CONTRACT


class FakeBackend:
    """Predicts a* = 30 after a pause; fails on every batch if told to."""

    contract = TINY_CONTRACT
    device = "fake"
    callers = 1
    preferred_batch_size = 4

    def __init__(self, *, pause_s=0.0, fails=False):
        self.pause_s, self.fails = pause_s, fails
        self.batch_sizes = []

    def infer(self, l_batch):
        time.sleep(self.pause_s)
        if self.fails:
            raise BackendError("the device is gone")
        self.batch_sizes.append(len(l_batch))
        count, _, height, width = l_batch.shape
        ab = np.zeros((count, 2, height // 2, width // 2), np.float32)
        ab[:, 0] = 30
        return ab

    def interrupt(self):
        pass

    def close(self):
        pass


def threads_of_runner():
    names = {"read", "preprocess", "infer", "recolor", "write", "commit"}
    return [thread for thread in threading.enumerate() if thread.name in names]


def test_files_come_out_in_colour(tmp_path, tiny_model, write_pictures):
    sources = write_pictures(tmp_path / "in", 7) + write_pictures(tmp_path / "in", 6, ".png")
    jobs = [Job(path, tmp_path / "out" / path.name) for path in sources]
    with closing(open_backend(tiny_model)) as backend:
        outcomes = list(StreamingRunner(backend, RunnerOptions()).run(jobs))
    assert {outcome.status for outcome in outcomes} == {Status.DONE}
    assert {outcome.job for outcome in outcomes} == set(jobs)
    for outcome in outcomes:
        assert outcome.job.output.stat().st_size == outcome.output_bytes
        assert len(outcome.source_sha256) == len(outcome.output_sha256) == 64
        assert set(outcome.timings_ms) == {"read", "preprocess", "infer", "recolor", "write"}
        assert (outcome.height, outcome.width) == (40, 60)
    assert not threads_of_runner()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batch_size=st.integers(1, 9), workers=st.integers(1, 4))
def test_result_does_not_depend_on_batch_size_or_workers(
    batch_size, workers, tiny_model, gray_u8, tmp_path_factory
):
    folder = tmp_path_factory.getbasetemp() / "invariance"
    folder.mkdir(exist_ok=True)
    shapes = [(40, 60), (60, 40), (50, 50), (40, 60), (41, 61)]
    jobs = []
    for index, shape in enumerate(shapes):
        path = folder / f"{index}.npy.png"
        if not path.exists():
            from colorize_batch.engine.pictures.formats import FORMATS

            picture = PixelPicture(pixels=np.ascontiguousarray(np.resize(gray_u8, shape)))
            path.write_bytes(picture.encoded(FORMATS["png"], 0))
        jobs.append(Job(path))
    options = RunnerOptions(batch_size=batch_size, workers=workers, ordered=True)
    alone = RunnerOptions(batch_size=1, workers=1, ordered=True)
    with closing(open_backend(tiny_model)) as backend:
        results = [
            [outcome.recolored.channels_last() for outcome in StreamingRunner(backend, o).run(jobs)]
            for o in (options, alone)
        ]
    for together, single in zip(*results, strict=True):
        assert np.abs(together.astype(int) - single).max() <= 1


@pytest.mark.parametrize("workers", [1, 3])
def test_order_is_kept_when_asked(tmp_path, write_pictures, monkeypatch, workers):
    jobs = [Job(path) for path in write_pictures(tmp_path, 30)]
    jobs[4] = Job(tmp_path / "missing.jpg")
    pauses = random.Random(1)
    read = picture_stages.read_source

    def slow_read(*arguments):
        time.sleep(pauses.random() * 0.01)
        return read(*arguments)

    monkeypatch.setattr(picture_stages, "read_source", slow_read)
    # Room for three pictures only: a run that must keep order may not lock up.
    options = RunnerOptions(ordered=True, workers=workers, max_pixels_in_flight=3 * 40 * 60)
    outcomes = list(StreamingRunner(FakeBackend(), options).run(jobs))
    assert [outcome.job for outcome in outcomes] == jobs


def test_one_bad_picture_fails_alone(tmp_path, write_pictures):
    good = write_pictures(tmp_path, 5)
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("not a picture")
    (tmp_path / "cut.jpg").write_bytes(good[0].read_bytes()[:200])
    (tmp_path / "folder.jpg").mkdir()
    bad = {
        "empty.jpg": "the file is empty (0 bytes)",
        "text.jpg": "not a picture",
        "cut.jpg": "truncated or damaged",
        "folder.jpg": "expected a file, found a folder",
        "missing.jpg": "cannot be read: No such file",
    }
    jobs = [Job(path) for path in good] + [Job(tmp_path / name) for name in bad]
    outcomes = list(StreamingRunner(FakeBackend(), RunnerOptions()).run(jobs))
    assert sum(outcome.status is Status.DONE for outcome in outcomes) == 5
    reasons = {o.job.source.name: o.reason for o in outcomes if o.status is Status.FAILED}
    assert reasons.keys() == bad.keys()
    for name, expected in bad.items():
        assert expected in reasons[name]
        assert "\n" not in reasons[name]


def test_a_picture_over_the_limit_fails_and_an_odd_budget_does_not(tmp_path, write_pictures):
    jobs = [Job(path) for path in write_pictures(tmp_path, 3)]
    small = RunnerOptions(max_pixels=100)
    outcomes = list(StreamingRunner(FakeBackend(), small).run(jobs))
    assert all("over the limit of 100" in outcome.reason for outcome in outcomes)
    tight = RunnerOptions(max_pixels_in_flight=1)
    outcomes = list(StreamingRunner(FakeBackend(), tight).run(jobs))
    assert [outcome.status for outcome in outcomes] == [Status.DONE] * 3


def test_a_failing_back_end_fails_pictures_not_the_run(tmp_path, write_pictures):
    jobs = [Job(path) for path in write_pictures(tmp_path, 6)]
    outcomes = list(StreamingRunner(FakeBackend(fails=True), RunnerOptions()).run(jobs))
    assert [outcome.reason for outcome in outcomes] == ["the device is gone"] * 6


def test_slow_inference_fills_batches(tmp_path, write_pictures):
    jobs = [Job(path) for path in write_pictures(tmp_path, 40)]
    backend = FakeBackend(pause_s=0.03)
    list(StreamingRunner(backend, RunnerOptions(batch_size=4)).run(jobs))
    assert sum(backend.batch_sizes) == 40
    assert max(backend.batch_sizes) == 4
    assert len(backend.batch_sizes) <= 20


def test_as_many_callers_as_the_back_end_takes(tmp_path, write_pictures):
    jobs = [Job(path) for path in write_pictures(tmp_path, 12)]
    together = threading.Barrier(3, timeout=20)

    class ThreeAtATime(FakeBackend):
        callers = 3

        def infer(self, l_batch):
            together.wait()
            return super().infer(l_batch)

    outcomes = list(StreamingRunner(ThreeAtATime(), RunnerOptions(batch_size=1)).run(jobs))
    assert [outcome.reason for outcome in outcomes] == [""] * 12


def test_pictures_alive_do_not_grow_with_the_number_of_jobs(tmp_path, write_pictures, monkeypatch):
    (path,) = write_pictures(tmp_path, 1)
    alive: weakref.WeakSet = weakref.WeakSet()
    most = 0
    decode = picture_stages.open_picture

    class Watched:
        def __init__(self, file_bytes, **arguments):
            self._file = decode(file_bytes, **arguments)
            self.height, self.width = self._file.height, self._file.width

        def decoded(self):
            nonlocal most
            alive.add(self)
            most = max(most, len(alive))
            return self._file.decoded()

    monkeypatch.setattr(picture_stages, "open_picture", Watched)
    gc.disable()
    try:
        options = RunnerOptions(workers=2, batch_size=4)
        count = sum(1 for _ in StreamingRunner(FakeBackend(), options).run([Job(path)] * 400))
    finally:
        gc.enable()
    assert count == 400
    assert most < 40


def test_stopping_early_ends_the_threads(tmp_path, write_pictures):
    jobs = [Job(path, tmp_path / "out" / path.name) for path in write_pictures(tmp_path / "in", 30)]
    outcomes = StreamingRunner(FakeBackend(pause_s=0.01), RunnerOptions()).run(jobs)
    next(outcomes)
    outcomes.close()
    assert not threads_of_runner()
    left = list((tmp_path / "out").iterdir())
    assert 1 <= len(left) < 30
    assert not [path for path in left if path.suffix == ".partial"]


def test_an_error_in_the_jobs_reaches_the_caller(tmp_path, write_pictures):
    (path,) = write_pictures(tmp_path, 1)

    def jobs():
        yield Job(path)
        raise RuntimeError("the list broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        list(StreamingRunner(FakeBackend(), RunnerOptions()).run(jobs()))
    assert not threads_of_runner()


def test_no_jobs():
    assert list(StreamingRunner(FakeBackend(), RunnerOptions()).run([])) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"quality": 101},
        {"batch_size": 1000},
        {"workers": -1},
        {"max_pixels": 0},
        {"max_pixels_in_flight": -1},
    ],
)
def test_options_out_of_range(wrong):
    with pytest.raises(UsageError, match="expected"):
        RunnerOptions(**wrong)
