"""Time that a run still takes, by the sizes of its pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..engine.batch.job import Outcome

# A picture costs so much more than its pixels: the network, and the file system.
_EACH_MEGAPIXELS: Final = 0.5
# Bytes a pixel until pictures of an ending have told their own.
_BYTES_PER_PIXEL: Final = {
    ".jpg": 0.3, ".jpeg": 0.3, ".webp": 0.2, ".avif": 0.1, ".png": 1.5, ".tif": 2.0, ".tiff": 2.0,
}  # fmt: skip
_SOME_BYTES_PER_PIXEL: Final = 1.0
# Outcomes so many pictures long count as much as what is assumed of an ending.
_ASSUMED_MEGAPIXELS: Final = 0.05


class TimeLeft:
    """Estimates from files' sizes and from what pictures of the same ending were.

    Parameters
    ----------
    sources
        All pictures of the run, those that are left alone too; their files are looked at when the
        first estimate is asked for.
    """

    def __init__(self, sources: Sequence[Path]) -> None:
        self._sources = sources
        self._left: dict[str, tuple[int, int]] | None = None
        self._ended: set[Path] = set()
        self._megapixels: defaultdict[str, float] = defaultdict(float)
        self._bytes: defaultdict[str, int] = defaultdict(int)
        self._work_done = 0.0

    def add(self, outcome: Outcome) -> None:
        """Count a picture that is through."""
        source, suffix = outcome.job.source, outcome.job.source.suffix.lower()
        self._ended.add(source)
        if outcome.megapixels:
            self._work_done += _EACH_MEGAPIXELS + outcome.megapixels
            if outcome.source_bytes:
                self._megapixels[suffix] += outcome.megapixels
                self._bytes[suffix] += outcome.source_bytes
        if self._left is not None:
            count, size = self._left.get(suffix, (0, 0))
            gone = outcome.source_bytes or _size(source)
            self._left[suffix] = max(0, count - 1), max(0, size - gone)

    def share_done(self) -> float:
        """0..1, how much of the work is done."""
        return self._work_done / max(self._work_done + self._work_left(), 1e-9)

    def seconds(self, elapsed: float) -> float:
        """Seconds that the rest takes, if it goes on as in the `elapsed` ones."""
        return elapsed * self._work_left() / max(self._work_done, 1e-9)

    def _work_left(self) -> float:
        if self._left is None:
            self._left = {}
            for source in self._sources:
                if source not in self._ended:
                    suffix = source.suffix.lower()
                    count, size = self._left.get(suffix, (0, 0))
                    self._left[suffix] = count + 1, size + _size(source)
        return sum(
            _EACH_MEGAPIXELS * count + size / 1e6 / self._bytes_per_pixel(suffix)
            for suffix, (count, size) in self._left.items()
        )

    def _bytes_per_pixel(self, suffix: str) -> float:
        assumed = _BYTES_PER_PIXEL.get(suffix, _SOME_BYTES_PER_PIXEL)
        known = self._megapixels[suffix] + _ASSUMED_MEGAPIXELS
        return (self._bytes[suffix] / 1e6 + assumed * _ASSUMED_MEGAPIXELS) / known


def _size(source: Path) -> int:
    try:
        return source.stat().st_size
    except OSError:
        return 0
