"""Recipes read from TOML files and checked."""

from __future__ import annotations

import dataclasses
import json
import tomllib
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pydantic

from ..errors import UsageError, first_line
from .recipe import Recipe

RECIPES_DIR: Final = Path(__file__).parent / "recipes"


def read_recipe(path: Path) -> Recipe:
    """Read a recipe file.

    Raises
    ------
    UsageError
        The file is missing, is not TOML, or a table or key is unknown, missing or out of range.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot read the recipe: {first_line(error)}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from error
    return recipe_from_tables(tables, str(path))


def recipe_file(name_or_path: str) -> Path:
    """Find a shipped recipe by its name; a path that ends in .toml is taken as it is.

    Raises
    ------
    UsageError
        There is no such recipe.
    """
    if name_or_path.endswith(".toml"):
        return Path(name_or_path)
    names = sorted(path.stem for path in RECIPES_DIR.glob("*.toml"))
    if name_or_path not in names:
        raise UsageError(
            f"recipe {name_or_path!r}: expected {' or '.join(names)}, or a path ending in .toml"
        )
    return RECIPES_DIR / f"{name_or_path}.toml"


def recipe_from_tables(tables: dict[str, Any], origin: str) -> Recipe:
    """Build a recipe from parsed tables; `origin` names them in errors (see `read_recipe`)."""
    try:
        # By way of JSON, whose arrays may become tuples where all else is strict.
        return pydantic.TypeAdapter(Recipe).validate_json(json.dumps(tables))
    except pydantic.ValidationError as error:
        raise UsageError(f"{origin}: {_worded(error)}") from error
    except (TypeError, UsageError) as error:  # dates, which JSON does not know
        raise UsageError(f"{origin}: {first_line(error)}") from error


def _worded(invalid: pydantic.ValidationError) -> str:
    """Word the first of the errors."""
    error = invalid.errors()[0]
    where = ".".join(part for part in error["loc"] if isinstance(part, str))
    match error["type"]:
        case "unexpected_keyword_argument":
            known = ", ".join(typing.get_type_hints(_table_at(error["loc"][:-1])))
            return f"unknown key {where!r}; known here: {known}"
        case "missing":
            return f"missing {where}"
        case "value_error":
            return str(error.get("ctx", {}).get("error", error["msg"]))
        case "dataclass_type" | "dict_type":
            return f"[{where}] must be a table"
        case _:
            expected = error["msg"].replace("Input should be", "expected")
            return f"{where}: {expected}, got {error['input']!r}"


def _table_at(location: Sequence[str | int]) -> type:
    """Find the dataclass that stands at a place of a recipe."""
    kind: Any = Recipe
    for part in location:
        if isinstance(part, int):
            continue
        kind = typing.get_type_hints(kind)[part]
        kind = next(iter(typing.get_args(kind)), kind)
    assert dataclasses.is_dataclass(kind)
    return typing.cast("type", kind)
