"""A photograph before it is decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph as found: its name, its group (source) and how to get its bytes.

    One in an archive can be read until the next one is requested.
    """

    name: str
    group: str
    read: Callable[[], bytes]
