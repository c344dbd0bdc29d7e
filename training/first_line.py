"""Other people's errors in one line."""

from __future__ import annotations


def first_line(error: Exception) -> str:
    """Give the first line of an error's text; the name of its type, if it has none."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
