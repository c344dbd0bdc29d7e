"""Order, overlap and waiting of the ring, on a device that checks happens-before."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from colorize_batch.engine.inference.tensorrt.batch_ring import BatchRing
from colorize_batch.errors import BackendError
from tests.engine.inference.gpu.fake_device import MS, FakeDevice, RaceError
from tests.engine.inference.tensorrt.fake_tensorrt import floats, rule


class Rule:
    """The program: `rule`, as one operation on the compute stream."""

    def __init__(self, device, stream):
        self.device, self.stream = device, stream
        self.inputs = []

    def padded(self, shape):
        return shape

    def output_shape(self, shape):
        return (shape[0], 2, shape[2] // 2, shape[3] // 2)

    def queue(self, shape, input_address, output_address):
        source = self.device.buffers[input_address]
        target = self.device.buffers[output_address]
        self.inputs.append(input_address)

        def run():
            floats(target, self.output_shape(shape))[:] = rule(floats(source, shape))

        self.stream.compute(run, [source], [target])

    def forget(self):
        pass


@pytest.fixture
def device():
    device = FakeDevice()
    with device.current():
        yield device


def ring_on(device, kind=BatchRing, **options):
    stream = device.stream()
    return kind(device, stream, Rule(device, stream), **options)


def batches(count, shape=(2, 1, 16, 32)):
    random = np.random.default_rng(7)
    return [random.uniform(0, 100, shape).astype(np.float32) for _ in range(count)]


def in_a_row(ring, given, depth):
    """As `depth` callers would: results are waited for when all slots are taken."""
    under_way, results = [], []
    for batch in given:
        if len(under_way) == depth:
            results.append(ring.result(under_way.pop(0)))
        under_way.append(ring.submit(batch))
    return results + [ring.result(submitted) for submitted in under_way]


def test_every_batch_gets_its_own_result(device):
    given = batches(7)
    for batch, ab_batch in zip(given, in_a_row(ring_on(device), given, 3), strict=True):
        np.testing.assert_array_equal(ab_batch, rule(batch))


def test_slots_are_taken_in_turn(device):
    ring = ring_on(device)
    in_a_row(ring, batches(7), 3)
    inputs = ring._program.inputs
    assert len(set(inputs)) == 3
    assert inputs == [*inputs[:3], *inputs[:3], inputs[0]]


def test_the_next_batches_are_queued_before_the_first_is_waited_for(device):
    ring = ring_on(device)
    in_a_row(ring, batches(3), 3)
    names = [name for name, _ in device.log if name != "record"]
    assert names == ["upload", "compute", "download"] * 3 + ["synchronize"] * 3


def test_copies_run_beside_the_computing(device):
    ring = ring_on(device)
    in_a_row(ring, batches(20), 3)
    assert ring.busy_seconds * 1e3 == pytest.approx(20 * MS["compute"])
    # All but the first copy up and the last copy down is hidden.
    hidden = MS["upload"] + 20 * MS["compute"] + MS["download"]
    assert device.now_ms == pytest.approx(hidden)
    alone = FakeDevice()
    with alone.current():
        in_a_row(ring_on(alone, depth=1), batches(20), 1)
    assert alone.now_ms == pytest.approx(20 * sum(MS.values()))


def test_buffers_grow_with_the_batch_and_stay(device):
    ring = ring_on(device)
    shapes = [(1, 1, 16, 16), (4, 1, 32, 16), (2, 1, 16, 16), (4, 1, 16, 32)]
    given = [batches(1, shape)[0] for shape in shapes for _ in range(3)]
    for batch, ab_batch in zip(given, in_a_row(ring, given, 3), strict=True):
        np.testing.assert_array_equal(ab_batch, rule(batch))
    assert device.used_bytes == 3 * 4 * (4 * 32 * 16 + 4 * 2 * 16 * 8)


def test_threads_share_the_ring(device):
    ring = ring_on(device)
    given = batches(24)
    results = {}

    def call(start):
        with device.current():
            for number in range(start, len(given), 3):
                results[number] = ring.run(given[number])

    threads = [threading.Thread(target=call, args=(start,)) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, batch in enumerate(given):
        np.testing.assert_array_equal(results[number], rule(batch))


class UsedTooEarly(BatchRing):
    """Gives the slot back before the batch has come down."""

    def submit(self, l_batch):
        submitted = super().submit(l_batch)
        self._free.put(submitted.slot)
        return submitted


def test_a_ring_that_reuses_slots_too_early_is_caught(device):
    ring = ring_on(device, UsedTooEarly, depth=1)
    with pytest.raises(RaceError, match="put touches pinned memory .* while upload"):
        in_a_row(ring, batches(4), 3)


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ("_compute", "compute touches device memory .* while upload"),
        ("_down", "download touches device memory .* while compute"),
    ],
)
def test_a_stream_that_does_not_wait_is_caught(device, monkeypatch, stream, message):
    ring = ring_on(device)
    monkeypatch.setattr(getattr(ring, stream), "wait", lambda event: None)
    with pytest.raises(RaceError, match=message):
        ring.submit(batches(1)[0])


@pytest.mark.parametrize("too_early", ["computed", "uploaded"])
def test_a_host_that_waits_for_the_wrong_event_is_caught(device, too_early):
    ring = ring_on(device)
    submitted = ring.submit(batches(1)[0])
    submitted.slot.downloaded = getattr(submitted.slot, too_early)
    with pytest.raises(RaceError, match=r"taken touches pinned memory|asked for before"):
        ring.result(submitted)


@pytest.mark.parametrize("operation", ["upload", "compute", "download", "allocate"])
def test_a_failure_leaves_the_ring_usable(device, operation):
    ring = ring_on(device)
    device.failures[operation] = BackendError("the device coughs")
    for _ in range(5):
        with pytest.raises(BackendError, match="coughs"):
            ring.submit(batches(1)[0])
    device.failures.clear()
    given = batches(6)
    for batch, ab_batch in zip(given, in_a_row(ring, given, 3), strict=True):
        np.testing.assert_array_equal(ab_batch, rule(batch))


def test_a_failure_while_waiting_gives_the_slot_back(device):
    ring = ring_on(device)
    for batch in batches(5):
        submitted = ring.submit(batch)
        device.failures["synchronize"] = BackendError("an illegal address")
        with pytest.raises(BackendError, match="illegal address"):
            ring.result(submitted)
        device.failures.clear()
    assert len(in_a_row(ring, batches(6), 3)) == 6


def test_forgetting_may_wait_for_the_batches_of_others(device):
    ring = ring_on(device)
    given = batches(3)
    under_way = [ring.submit(batch) for batch in given]
    forgotten = threading.Event()

    def forget():
        with device.current():
            ring.forget(wait=True)
        forgotten.set()

    thread = threading.Thread(target=forget)
    thread.start()
    results = [ring.result(submitted) for submitted in under_way[:-1]]
    assert not forgotten.wait(0.2)
    results.append(ring.result(under_way[-1]))
    thread.join(20)
    assert forgotten.is_set()
    assert device.used_bytes == 0
    for batch, result in zip(given, results, strict=True):
        np.testing.assert_array_equal(result, rule(batch))
    np.testing.assert_array_equal(ring.run(given[0]), rule(given[0]))


def test_a_device_that_is_gone_stays_gone(device):
    ring = ring_on(device)
    device.failures["synchronize"] = device.failures["settle"] = BackendError("the context is dead")
    for _ in range(5):
        with pytest.raises(BackendError, match="context is dead"):
            ring.run(batches(1)[0])
    assert [name for name, _ in device.log].count("upload") == 1
