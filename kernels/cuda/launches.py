"""Which kernels an operation starts, in order, and with what: all that a device layer must know.

A pointer is whatever that layer passes to a kernel, such as the address of device memory. Nothing
is allocated here and nothing is waited for: the launches of one operation belong on one stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from .layout import (
    BILINEAR_PLANES,
    CELL_THREADS,
    GUIDE,
    GUIDED_PLANES,
    QUAD,
    QUAD_THREADS,
    REDUCE_THREADS,
    row_words,
)

Pointer: TypeAlias = Any
Grid: TypeAlias = tuple[int, int, int]

MOST_ROWS = 65535  # of blocks in a grid
MOST_SATURATION = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One kernel, its grid of blocks, the threads of a block, and its arguments.

    Numbers among the arguments are NumPy scalars of the size that the kernel takes.
    """

    kernel: str
    grid: Grid
    block: Grid
    arguments: tuple[Pointer | np.int32 | np.float32, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pixels:
    """A uint8 picture in device memory, laid out as `layout` says.

    Attributes
    ----------
    words
        Pointer to `words_needed` 32-bit words, on a multiple of 4 bytes.
    height, width
        In pixels, at most 65535 each.
    channels
        1 or 3.
    """

    words: Pointer
    height: int
    width: int
    channels: int = 1

    def __post_init__(self) -> None:
        if self.channels not in (1, 3):
            raise ValueError(f"expected 1 or 3 channels, got {self.channels}")
        if not (1 <= self.height <= MOST_ROWS and 1 <= self.width <= MOST_ROWS):
            raise ValueError(
                f"expected a picture of 1..{MOST_ROWS} rows and columns, "
                f"got {self.height} x {self.width}"
            )

    @property
    def words_needed(self) -> int:
        """Size of the buffer behind `words`."""
        return self.height * row_words(self.width, self.channels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planes:
    """One entry of a packed float32 batch: (N, 1, height, width) of L* or (N, 2, ...) of a*, b*."""

    floats: Pointer
    height: int
    width: int
    index: int = 0

    def __post_init__(self) -> None:
        if not (1 <= self.height <= MOST_ROWS and 1 <= self.width <= MOST_ROWS):
            raise ValueError(
                f"expected planes of 1..{MOST_ROWS} rows and columns, "
                f"got {self.height} x {self.width}"
            )
        if self.index < 0:
            raise ValueError(f"expected an index of at least 0, got {self.index}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coloring:
    """Parameters of the kernels that colour one picture.

    Attributes
    ----------
    ab
        a*, b* of the picture, of any size.
    field
        Pointer to `floats_needed` float32 of scratch, alone to this picture until it is done.
    saturation
        Factor on a* and b*, 0..1e6. Chroma is limited to 134, where sRGB ends.
    upsample
        "bilinear", or "guided": along the edges of the picture's luma.
    """

    ab: Planes
    field: Pointer
    saturation: float = 1.0
    upsample: Literal["bilinear", "guided"] = "bilinear"

    def __post_init__(self) -> None:
        if not 0 <= self.saturation <= MOST_SATURATION:
            raise ValueError(f"expected a saturation of 0..1e6, got {self.saturation}")
        if self.upsample not in ("bilinear", "guided"):
            raise ValueError(f"expected upsample to be bilinear or guided, got {self.upsample!r}")

    @property
    def guided(self) -> bool:
        """Whether the field holds lines over the luma."""
        return self.upsample == "guided"

    @property
    def floats_needed(self) -> int:
        """Size of the buffer behind `field`."""
        planes = GUIDED_PLANES if self.guided else BILINEAR_PLANES
        return planes * self.ab.height * self.ab.width


def l_plane(source: Pixels, l_planes: Planes) -> Launch:
    """L* of a picture averaged down to its place in a batch, as `kernels.cpu.l_plane`."""
    return _reduced("l", source, l_planes)


def merge_ab(source: Pixels, coloring: Coloring, rgb: Pixels) -> tuple[Launch, ...]:
    """Give a picture new colour at its own lightness, as `kernels.cpu.merge_ab`.

    `rgb` has the size of `source` and may not overlap it.
    """
    if (rgb.height, rgb.width, rgb.channels) != (source.height, source.width, 3):
        raise ValueError(
            f"expected rgb of {source.height} x {source.width} x 3, "
            f"got {rgb.height} x {rgb.width} x {rgb.channels}"
        )
    kernel = "merge_gray" if source.channels == 1 else "merge_rgb"
    return *_field(source, coloring), _painted(kernel, source, coloring, rgb.words)


def chroma_planes(luma: Pixels, coloring: Coloring, cb_cr: Pointer) -> tuple[Launch, ...]:
    """Cb and Cr that leave a luma plane as it is, as `kernels.cpu.chroma_planes`.

    `cb_cr` points to twice `luma.words_needed` words: Cb and then Cr, each laid out as `luma`.
    """
    if luma.channels != 1:
        raise ValueError(f"expected luma of 1 channel, got {luma.channels}")
    return *_field(luma, coloring), _painted("chroma", luma, coloring, cb_cr)


def _field(source: Pixels, coloring: Coloring) -> tuple[Launch, ...]:
    ab, field = coloring.ab, coloring.field
    size = (np.int32(ab.height), np.int32(ab.width))
    start = (ab.floats, np.int32(ab.index), np.float32(coloring.saturation))
    offsets = _on_cells("ab_offsets", ab, *start, field, *size)
    if not coloring.guided:
        return (offsets,)
    guide = Planes(floats=field, height=ab.height, width=ab.width, index=GUIDE)
    return (
        offsets,
        _reduced("luma", source, guide),
        _on_cells("window_slopes", ab, field, *size),
        _on_cells("guided_lines", ab, field, *size),
    )


def _reduced(quantity: str, source: Pixels, planes: Planes) -> Launch:
    if max(source.height * planes.height, source.width * planes.width) >= 2**31:
        raise ValueError(
            f"expected products of sizes below 2^31, got {source.height} x {source.width} "
            f"reduced to {planes.height} x {planes.width}"
        )
    # As many outputs as the columns of a chunk suffice for: less the quad that it may begin and
    # the cell that it may end in the middle of.
    columns = QUAD * REDUCE_THREADS // source.channels - QUAD - 1
    tile = max(1, min(REDUCE_THREADS, columns * planes.width // source.width))
    return Launch(
        kernel=f"{quantity}_{'gray' if source.channels == 1 else 'rgb'}",
        grid=(-(-planes.width // tile), planes.height, 1),
        block=(REDUCE_THREADS, 1, 1),
        arguments=(
            source.words,
            np.int32(source.height),
            np.int32(source.width),
            planes.floats,
            np.int32(planes.index),
            np.int32(planes.height),
            np.int32(planes.width),
            np.int32(tile),
        ),
    )


def _on_cells(kernel: str, planes: Planes, *arguments: Any) -> Launch:
    return Launch(
        kernel=kernel,
        grid=(-(-planes.width // CELL_THREADS), planes.height, 1),
        block=(CELL_THREADS, 1, 1),
        arguments=arguments,
    )


def _painted(kernel: str, source: Pixels, coloring: Coloring, out: Pointer) -> Launch:
    quads = -(-source.width // QUAD)
    return Launch(
        kernel=f"{kernel}_guided" if coloring.guided else kernel,
        grid=(-(-quads // QUAD_THREADS), source.height, 1),
        block=(QUAD_THREADS, 1, 1),
        arguments=(
            source.words,
            np.int32(source.height),
            np.int32(source.width),
            coloring.field,
            np.int32(coloring.ab.height),
            np.int32(coloring.ab.width),
            out,
        ),
    )
