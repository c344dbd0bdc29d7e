"""A table for terminals and pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Text in rows; the first `words` columns are read, the others compared.

    Parameters
    ----------
    title
        One line; empty for none.
    header
        Of each column; empty for none.
    rows
        As wide as the header.
    words
        Columns to align at their left.
    marked
        Number of a row that stands out; -1 for none.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    marked: int = -1
