from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorize_batch.engine.batch.batch_assembler import BatchAssembler

SHAPES = st.sampled_from([(1, 1), (1, 2), (2, 1)])


@given(st.lists(SHAPES), st.integers(1, 5))
def test_every_item_leaves_once_in_a_batch_of_its_shape(shapes, batch_size):
    assembler = BatchAssembler(batch_size)
    batches = [assembler.add(shape, (shape, index)) for index, shape in enumerate(shapes)]
    batches = [batch for batch in batches if batch is not None]
    assert all(len(batch) == batch_size for batch in batches)
    while len(assembler):
        batches.append(assembler.pop_largest())
    assert all(1 <= len(batch) <= batch_size for batch in batches)
    assert all(len({shape for shape, _ in batch}) == 1 for batch in batches)
    left = sorted(index for batch in batches for _, index in batch)
    assert left == list(range(len(shapes)))


def test_the_fullest_group_goes_first():
    assembler = BatchAssembler(8)
    for shape, item in [((1, 1), "a"), ((2, 2), "b"), ((2, 2), "c"), ((1, 1), "d"), ((2, 2), "e")]:
        assembler.add(shape, item)
    assert assembler.pop_largest() == ["b", "c", "e"]
    assert assembler.pop_largest() == ["a", "d"]
    assert assembler.pop_largest() == []


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        BatchAssembler(0)
