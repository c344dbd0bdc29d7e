"""Brace ranges in names, as shells and webdataset write sets of shards."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

_BRACES: Final = re.compile(r"(\{[^{}]*\})")
_RANGE: Final = re.compile(r"\{(\d+)\.\.(\d+)\}")


def expanded_braces(name: str) -> Iterator[str]:
    """Write out the braces of a name, in their order.

    `shards-{000..009}.tar` stands for ten names with leading zeros kept, `{train,val}.tar` for two,
    and several braces for every combination. Other braces stay as they are.
    """
    for words in itertools.product(*map(_words, _BRACES.split(name))):
        yield "".join(words)


def _words(part: str) -> list[str]:
    if limits := _RANGE.fullmatch(part):
        first, last = limits.groups()
        padded = any(limit.startswith("0") for limit in limits.groups())
        width = max(map(len, limits.groups())) if padded else 0
        return [f"{number:0{width}}" for number in range(int(first), int(last) + 1)] or [part]
    if _BRACES.fullmatch(part) and "," in part:
        return part[1:-1].split(",")
    return [part]
