"""Options from a recipe's table to a constructor's keywords."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import UsageError


def checked_options(
    constructor: Callable[..., object],
    options: Mapping[str, Any],
    where: str,
    *,
    without: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Check names and types of options against the keyword-only parameters of a class.

    Parameters
    ----------
    constructor
        A class; what is not keyword-only is not an option.
    options
        The table: whole numbers, numbers, strings, booleans and lists of strings by name.
    where
        The table's name, for errors.
    without
        Parameters that somebody else sets.

    Returns
    -------
    dict
        The keywords; a whole number where a float is meant has become one.

    Raises
    ------
    UsageError
        A name is unknown or missing, or a value of the wrong type. Ranges are the constructor's affair.
    """
    types = typing.get_type_hints(constructor.__init__)
    known = {
        name: parameter
        for name, parameter in inspect.signature(constructor).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in without
    }
    for name, parameter in known.items():
        if parameter.default is parameter.empty and name not in options:
            raise UsageError(f"missing option {where}.{name}")
    keywords: dict[str, Any] = {}
    for name, value in options.items():
        if name not in known:
            raise UsageError(
                f"unknown option {where}.{name}; known here: {', '.join(known) or 'none'}"
            )
        expected = types[name]
        if expected == list[str]:
            fits = type(value) in (list, tuple) and all(type(entry) is str for entry in value)
            kind = "a list of strings"
        else:
            fits = type(value) is expected or (expected is float and type(value) is int)
            kind = f"of type {expected.__name__}"
        if not fits:
            raise UsageError(f"{where}.{name} must be {kind}, got {value!r}")
        keywords[name] = expected(value)
    return keywords


def check_option(name: str, value: object, valid: bool, expected: str) -> None:
    """Raise UsageError unless `valid`, saying what was expected of option `name`."""
    if not valid:
        raise UsageError(f"option {name} = {value!r}: expected {expected}")
