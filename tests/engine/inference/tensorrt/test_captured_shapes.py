"""How often a batch meets no context of its shape, by the real planner, assembler and working shapes."""

from __future__ import annotations

import random
from dataclasses import replace
from types import SimpleNamespace

import pytest

from colorize_batch.engine.batch.batch_assembler import BatchAssembler
from colorize_batch.engine.inference.tensorrt.engine_program import EngineProgram
from colorize_batch.engine.inference.working_shape import working_shape
from tests.conftest import TINY_CONTRACT
from tests.engine.inference.gpu.fake_device import FakeDevice

# height, width, and how many of a hundred pictures have it
ASPECTS = [
    *((3, 4, 20), (4, 3, 8), (2, 3, 18), (3, 2, 8), (1, 1, 10), (9, 16, 10)),
    *((16, 9, 3), (4, 5, 6), (5, 4, 4), (5, 7, 5), (7, 5, 4), (1, 2, 4)),
]
PICTURES, BATCH = 60_000, 32


class CountedEngine:
    """Counts the contexts that are made; computes nothing."""

    batch_max, records_itself = BATCH, False

    def __init__(self):
        self.made = 0

    def context(self, shape, input_address, output_address):
        self.made += 1
        return SimpleNamespace(use_workspace=lambda memory: None, execute=lambda handle: None)

    def workspace_bytes(self, shape):
        return 100 * shape[0] * shape[2] * shape[3]

    def output_shape(self, shape):
        return (shape[0], 2, shape[2] // 2, shape[3] // 2)


def batches(at_hand):
    """(pictures, working shape) of batches, where `at_hand` pictures wait whenever the network is free."""
    contract = replace(
        TINY_CONTRACT,
        working_multiple=32,
        working_min=64,
        working_max=1152,
        working_area=288**2,
    )
    shapes = [working_shape(100 * height, 100 * width, contract) for height, width, _ in ASPECTS]
    shares = [share for _, _, share in ASPECTS]
    dice = random.Random(0)
    assembler = BatchAssembler(BATCH)
    left = PICTURES
    while left > 0:
        waiting = dice.choice(at_hand)
        for shape in dice.choices(shapes, shares, k=waiting):
            left -= 1
            if assembler.add(shape, shape) is not None:
                yield BATCH, shape
        while waiting < BATCH and (batch := assembler.pop_largest()):
            yield len(batch), batch[0]


@pytest.mark.parametrize(
    "at_hand", [[BATCH], [1, 2, 3, 4, 5, 6], [1, 2, 4, 8, 16, 32, 64]], ids=["full", "few", "mixed"]
)
def test_nearly_every_batch_meets_a_context_of_its_shape(at_hand):
    engine, device = CountedEngine(), FakeDevice(memory_bytes=1 << 40)
    stream = SimpleNamespace(
        handle=0,
        copy=lambda *_: None,
        replay=lambda graph: None,
        synchronize=lambda: None,
        captured=lambda work: SimpleNamespace(free=lambda: None),
    )
    program = EngineProgram(engine, device, stream, on_note=pytest.fail)
    given = list(batches(at_hand))
    with device.current():
        for count, sides in given:
            program.queue(program.padded((count, 1, *sides)), 1, 2)
    assert engine.made / len(given) < 0.01
