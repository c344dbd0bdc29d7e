"""Dataclasses that a table of a recipe is read into."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pydantic

Kind = TypeVar("Kind", bound=type)

# Unknown keys are refused, and so is a number in quotes.
toml_table: Callable[[Kind], Kind] = pydantic.with_config(
    pydantic.ConfigDict(extra="forbid", strict=True)
)
