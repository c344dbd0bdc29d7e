"""Several devices behind one queue: sharing, failures, closing."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from colorize_batch.engine.batch.job import Job, Status
from colorize_batch.engine.batch.runner_options import RunnerOptions
from colorize_batch.engine.batch.streaming_runner import StreamingRunner
from colorize_batch.engine.inference import open_backend as opening
from colorize_batch.engine.inference.backend import BACKENDS
from colorize_batch.engine.inference.device_spec import KINDS
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.engine.inference.several_devices import SeveralDevices
from colorize_batch.errors import BackendError
from tests.conftest import TINY_CONTRACT
from tests.engine.inference.gpu.fake_device import FakeDevice
from tests.engine.inference.tensorrt.fake_tensorrt import FakeTensorRt, backend_on, rule


class Counting:
    """A back end that computes `rule` and counts; it fails from batch `fails_at` on."""

    contract = TINY_CONTRACT
    preferred_batch_size = 4

    def __init__(self, ordinal, *, callers=2, pause_s=0.0, fails_at=None):
        self.device = f"cuda:{ordinal}"
        self.callers = callers
        self.pause_s = pause_s
        self.fails_at = fails_at
        self.batches = 0
        self.at_once = self.most_at_once = 0
        self.busy_seconds = (0.5,)
        self.closed = False
        self.lock = threading.Lock()

    def infer(self, l_batch, hints=None):
        with self.lock:
            self.batches += 1
            if self.fails_at is not None and self.batches > self.fails_at:
                raise BackendError(f"{self.device} fell off the bus")
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.pause_s)
        with self.lock:
            self.at_once -= 1
        return rule(l_batch)

    def interrupt(self):
        pass

    def close(self):
        self.closed = True


def batch(value=50.0):
    return np.full((1, 1, 16, 16), value, np.float32)


def test_all_devices_work_and_none_is_given_more_than_it_takes():
    fast, slow = Counting(0, pause_s=0.002), Counting(1, pause_s=0.01)
    several = SeveralDevices([fast, slow], on_note=[].append)
    assert (several.device, several.callers) == ("cuda:0,1", 4)
    assert several.busy_seconds == (0.5, 0.5)
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(several.infer, [batch(value) for value in range(60)]))
    for value, ab_batch in enumerate(results):
        np.testing.assert_array_equal(ab_batch, rule(batch(value)))
    assert fast.batches + slow.batches == 60
    assert fast.batches > slow.batches > 5
    assert (fast.most_at_once, slow.most_at_once) == (2, 2)


def test_what_one_device_fails_at_another_does():
    notes = []
    broken, sound = Counting(0, fails_at=3), Counting(1)
    several = SeveralDevices([broken, sound], on_note=notes.append)
    with ThreadPoolExecutor(several.callers) as pool:
        results = list(pool.map(several.infer, [batch(value) for value in range(40)]))
    for value, ab_batch in enumerate(results):
        np.testing.assert_array_equal(ab_batch, rule(batch(value)))
    assert notes == ["going on without cuda:0: cuda:0 fell off the bus"]
    done = broken.batches
    several.infer(batch())
    assert broken.batches == done


def test_a_batch_that_all_fail_at_costs_no_device():
    notes = []
    both = [Counting(0), Counting(1)]
    several = SeveralDevices(both, on_note=notes.append)
    for one in both:
        one.fails_at = 0
    with pytest.raises(BackendError, match="fell off the bus"):
        several.infer(batch())
    for one in both:
        one.fails_at = None
    for _ in range(4):
        several.infer(batch())
    assert notes == []
    assert {one.batches for one in both} >= {1}


def test_the_last_device_stays():
    first, second = Counting(0, fails_at=0), Counting(1)
    several = SeveralDevices([first, second], on_note=[].append)
    several.infer(batch())
    second.fails_at = 0
    with pytest.raises(BackendError, match="cuda:1 fell off the bus"):
        several.infer(batch())
    second.fails_at = None
    np.testing.assert_array_equal(several.infer(batch()), rule(batch()))


def test_pictures_go_on_when_a_gpu_is_lost(monkeypatch, tmp_path, write_pictures):
    notes = []
    devices = [FakeDevice(0), FakeDevice(1)]
    backends = [
        backend_on(device, FakeTensorRt(device), monkeypatch, tmp_path, notes=notes)
        for device in devices
    ]
    devices[0].failures["compute"] = BackendError("an illegal address")
    several = SeveralDevices(backends, on_note=notes.append)
    jobs = [Job(path, tmp_path / "out" / path.name) for path in write_pictures(tmp_path / "in", 24)]
    outcomes = list(StreamingRunner(several, RunnerOptions(batch_size=2)).run(jobs))
    assert {outcome.status for outcome in outcomes} == {Status.DONE}
    assert notes == ["going on without cuda:0: an illegal address"]
    several.close()
    assert all(device.closed for device in devices)


def test_a_device_that_does_not_open_closes_the_others(monkeypatch, tmp_path):
    opened = []

    def load(model_file, target, *, threads, on_note):
        if target.ordinal == 2:
            raise BackendError("no such GPU")
        opened.append(Counting(target.ordinal))
        return opened[-1]

    module = type("Module", (), {"open_tensorrt": staticmethod(load)})
    monkeypatch.setattr(opening.importlib, "import_module", lambda *_: module)
    several = open_backend(tmp_path / "x.engine", device="cuda:0,1")
    assert isinstance(several, SeveralDevices)
    several.close()
    assert [one.closed for one in opened] == [True, True]
    opened.clear()
    with pytest.raises(BackendError, match="no such GPU"):
        open_backend(tmp_path / "x.engine", device="cuda:0,1,2")
    assert [one.closed for one in opened] == [True, True]


def test_every_back_end_declares_itself():
    for suffix, kind in BACKENDS.items():
        assert suffix.startswith(".")
        assert set(kind.devices) <= set(KINDS)
        assert set(kind.precisions) <= {"fp32", "fp16"}
        assert kind.dynamic_batch


def test_one_device_stays_where_each_failed_at_what_the_other_did():
    together = threading.Barrier(2, timeout=20)

    class Picky(Counting):
        """Fails at the first batch that it is given, at the same time as the other device."""

        def infer(self, l_batch, hints=None):
            together.wait()
            self.fails_at = 0 if self.batches == 0 else None
            return super().infer(l_batch, hints)

    notes = []
    both = [Picky(0, callers=1), Picky(1, callers=1)]
    several = SeveralDevices(both, on_note=notes.append)
    with ThreadPoolExecutor(2) as pool:
        for ab_batch in pool.map(several.infer, [batch(), batch()]):
            np.testing.assert_array_equal(ab_batch, rule(batch()))
    assert len(notes) == 1
    together.abort()
    left = [one for one in both if f"without {one.device}:" not in notes[0]]
    left[0].infer = lambda l_batch, hints=None: rule(l_batch)
    np.testing.assert_array_equal(several.infer(batch()), rule(batch()))
