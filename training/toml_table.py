"""Dataclasses that a table of a recipe is read into."""

from __future__ import annotations

from typing import TypeVar

import pydantic

Kind = TypeVar("Kind", bound=type)


def toml_table(kind: Kind) -> Kind:
    """Make pydantic refuse unknown keys of a dataclass, and a number in quotes."""
    strictly = pydantic.ConfigDict(extra="forbid", strict=True)
    checked: Kind = pydantic.with_config(strictly)(kind)
    return checked
