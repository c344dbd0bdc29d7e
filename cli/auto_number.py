"""Options that take a number or "auto"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from .options import AUTO


def auto_or(low: int, high: int, *, panel: str | None = None, help: str) -> Any:  # noqa: A002
    """Make an option whose value is a whole number from `low` to `high`, or 0 for "auto".

    Parameters
    ----------
    low, high
        The range of the number.
    panel
        Of the help page.
    help
        What the option does.
    """
    return typer.Option(
        parser=_parser(low, high),
        metavar=f"{AUTO}|{low}..{high}",
        show_default=AUTO,
        rich_help_panel=panel,
        help=help,
    )


def auto_numbers(text: str, option: str, low: int, high: int) -> tuple[int, ...]:
    """Read a list such as "auto,4,8"; 0 stands for "auto".

    Raises
    ------
    typer.BadParameter
        A part is neither "auto" nor a whole number of the range.
    """
    parse = _parser(low, high)
    try:
        return tuple(parse(part) for part in text.split(","))
    except typer.BadParameter as error:
        raise typer.BadParameter(error.message, param_hint=f"'{option}'") from error


def _parser(low: int, high: int) -> Callable[[str | int], int]:
    def parse(text: str | int) -> int:
        if isinstance(text, int):  # the default
            return text
        if text == AUTO:
            return 0
        if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
            raise typer.BadParameter(f"expected {AUTO} or {low}..{high}, got {text!r}")
        return int(text)

    return parse
