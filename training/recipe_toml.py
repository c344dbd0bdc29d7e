"""A recipe as the text of a file that `read_recipe` reads."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from .recipe import Recipe


def toml_from_recipe(recipe: Recipe, comment: str) -> str:
    """Write every key of a recipe, defaults too, as TOML.

    Parameters
    ----------
    recipe
        To write.
    comment
        One line for the top of the file.
    """
    tables = asdict(recipe)
    stages = "".join(f"    {_value(stage)},\n" for stage in tables.pop("stages"))
    lines = [f"# {comment}", f"stages = [\n{stages}]"]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    match value:
        case dict():
            pairs = ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case bool() | str():
            # JSON's words, quotes and escapes are TOML's too.
            return json.dumps(value)
        case _:
            return repr(value)


def _key(key: str) -> str:
    plain = key.replace("_", "").replace("-", "")
    return key if plain.isascii() and plain.isalnum() else json.dumps(key)
