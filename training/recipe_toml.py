"""A recipe as the text of a file that `read_recipe` reads."""

from __future__ import annotations

import tomli_w

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
    return f"# {comment}\n\n{tomli_w.dumps(recipe.to_tables())}"
