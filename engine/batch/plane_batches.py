"""Planes of many pictures in batches of one shape, and pictures whose planes are all predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from .batch_assembler import BatchAssembler
from .picture_stages import HintedPlane, Prepared

Key = TypeVar("Key")


@dataclass(slots=True, eq=False)
class PendingPicture(Generic[Key]):
    """A picture of which some planes are predicted.

    Parameters
    ----------
    key
        The caller's.
    prepared
        The picture.
    planes
        All of its planes.
    """

    key: Key
    prepared: Prepared
    planes: tuple[HintedPlane, ...] = ()
    answers: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    has_failed: bool = False

    def in_order(self) -> list[NDArray[np.float32]]:
        """The answers, in the order of the planes; all must be there."""
        return [self.answers[number] for number in range(len(self.answers))]


@dataclass(frozen=True, slots=True)
class PendingPlane(Generic[Key]):
    """One plane of a picture, by its number."""

    picture: PendingPicture[Key]
    number: int

    @property
    def plane(self) -> HintedPlane:
        """The plane itself."""
        return self.picture.planes[self.number]


class PlaneBatches(Generic[Key]):
    """Gathers the planes of pictures; most pictures have one, an album page has one a print.

    Parameters
    ----------
    batch_size
        The most planes in a batch, at least 1.
    """

    def __init__(self, batch_size: int) -> None:
        self._assembler: BatchAssembler[PendingPlane[Key]] = BatchAssembler(batch_size)

    def __len__(self) -> int:
        """Number of planes that wait."""
        return len(self._assembler)

    def add(self, key: Key, prepared: Prepared) -> list[list[PendingPlane[Key]]]:
        """Add a picture with at least one plane; give the batches that this fills."""
        picture = PendingPicture(key, prepared, prepared.planes)
        batches = []
        for number, plane in enumerate(picture.planes):
            height, width = plane.l_plane.shape
            batch = self._assembler.add((height, width), PendingPlane(picture, number))
            if batch is not None:
                batches.append(batch)
        return batches

    def pop_largest(self) -> list[PendingPlane[Key]]:
        """The fullest batch, the oldest of equals; empty when there is none."""
        return self._assembler.pop_largest()


def answered(
    batch: Sequence[PendingPlane[Key]], ab_batch: Sequence[NDArray[np.float32]]
) -> list[PendingPicture[Key]]:
    """Hand a batch's predictions to its pictures; give those that now have all of theirs."""
    complete = []
    for plane, ab_planes in zip(batch, ab_batch, strict=True):
        picture = plane.picture
        picture.answers[plane.number] = ab_planes
        if len(picture.answers) == len(picture.planes) and not picture.has_failed:
            complete.append(picture)
    return complete


def failed(batch: Sequence[PendingPlane[Key]]) -> list[Key]:
    """Mark a batch's pictures as failed; give the keys of those that had not been."""
    keys = []
    for plane in batch:
        if not plane.picture.has_failed:
            plane.picture.has_failed = True
            keys.append(plane.picture.key)
    return keys
