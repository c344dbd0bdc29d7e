"""Pictures of one working shape, gathered into batches."""

from __future__ import annotations

from typing import Generic, TypeVar

Item = TypeVar("Item")


class BatchAssembler(Generic[Item]):
    """Groups items by shape; a full group is a batch.

    It never waits: when nothing more is at hand, `pop_largest` gives what there is. So batches fill
    up when inference is the slowest stage, and cost no delay when it is not.

    Parameters
    ----------
    batch_size
        The most items in a batch, at least 1.
    """

    def __init__(self, batch_size: int) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.batch_size = batch_size
        self._groups: dict[tuple[int, int], list[Item]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def add(self, shape: tuple[int, int], item: Item) -> list[Item] | None:
        """Add an item; give the batch of its shape when that fills it."""
        group = self._groups.setdefault(shape, [])
        group.append(item)
        return self._groups.pop(shape) if len(group) == self.batch_size else None

    def pop_largest(self) -> list[Item]:
        """The fullest group, the oldest of equals; empty when there is none."""
        if not self._groups:
            return []
        shape = max(self._groups, key=lambda key: len(self._groups[key]))
        return self._groups.pop(shape)
