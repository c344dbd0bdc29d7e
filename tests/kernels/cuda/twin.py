"""The CUDA kernels with the face of `kernels.cpu`, on whatever runs launches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from colorize_batch.kernels.cuda.launches import (
    Coloring,
    Launch,
    Pixels,
    Planes,
    chroma_planes,
    l_plane,
    merge_ab,
)
from colorize_batch.kernels.cuda.layout import picture_from_words, row_words, words_from_picture


class Machine(Protocol):
    """`Card`, or the simulator."""

    def put(self, array: NDArray[Any]) -> Any: ...
    def get(self, pointer: Any, count: int, dtype: Any) -> NDArray[Any]: ...
    def run(self, *launches: Launch) -> None: ...


class Simulator:
    """Runs kernels as Python; a pointer is a flat array, so that no access outside it passes."""

    def put(self, array: NDArray[Any]) -> Any:
        return array.reshape(-1).copy()

    def get(self, pointer: Any, count: int, dtype: Any) -> NDArray[Any]:
        assert (pointer.size, pointer.dtype) == (count, dtype)
        return np.asarray(pointer)

    def run(self, *launches: Launch) -> None:
        from colorize_batch.kernels.cuda.binding import cuda
        from colorize_batch.kernels.cuda.kernels import KERNELS

        for launch in launches:
            kernel = cuda.jit(KERNELS[launch.kernel].function)
            kernel[launch.grid, launch.block](*launch.arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """Arrays in, arrays out. Batches have a second entry, whose neighbour must stay as it is."""

    machine: Machine
    simulated: bool

    def l_plane(self, source: NDArray[Any], height: int, width: int) -> NDArray[np.float32]:
        batch = np.full((2, height, width), -1, np.float32)
        planes = Planes(floats=self.machine.put(batch), height=height, width=width, index=1)
        self.machine.run(l_plane(self.pixels(source), planes))
        got = self.machine.get(planes.floats, batch.size, np.float32).reshape(batch.shape)
        assert (got[0] == -1).all()
        return got[1]

    def merge_ab(
        self, source: NDArray[Any], ab_planes: NDArray[Any], **options: Any
    ) -> NDArray[np.uint8]:
        pixels = self.pixels(source)
        shape = (*source.shape[:2], 3)
        rgb = self.pixels(np.zeros(shape, np.uint8))
        self.machine.run(*merge_ab(pixels, self.coloring(ab_planes, **options), rgb))
        words = self.machine.get(rgb.words, rgb.words_needed, np.int32)
        return picture_from_words(words, shape)

    def chroma_planes(
        self, luma: NDArray[Any], ab_planes: NDArray[Any], **options: Any
    ) -> NDArray[np.uint8]:
        pixels = self.pixels(luma)
        cb_cr = self.machine.put(np.zeros(2 * pixels.words_needed, np.int32))
        self.machine.run(*chroma_planes(pixels, self.coloring(ab_planes, **options), cb_cr))
        words = self.machine.get(cb_cr, 2 * pixels.words_needed, np.int32)
        height, width = luma.shape
        return picture_from_words(words, (2 * height, width)).reshape(2, height, width)

    def pixels(self, picture: NDArray[Any]) -> Pixels:
        """A picture in device memory, with 0xFF in its padding."""
        height, width = picture.shape[:2]
        channels = picture.shape[2] if picture.ndim == 3 else 1
        words = words_from_picture(picture)
        rows = words.view(np.uint8).reshape(height, 4 * row_words(width, channels))
        rows[:, width * channels :] = 0xFF
        return Pixels(words=self.machine.put(words), height=height, width=width, channels=channels)

    def coloring(self, ab_planes: NDArray[Any], **options: Any) -> Coloring:
        batch = np.stack([np.full_like(ab_planes, 99), ab_planes]).astype(np.float32)
        height, width = ab_planes.shape[1:]
        ab = Planes(floats=self.machine.put(batch), height=height, width=width, index=1)
        needed = Coloring(ab=ab, field=None, **options).floats_needed
        field = self.machine.put(np.full(needed, np.nan, np.float32))
        return Coloring(ab=ab, field=field, **options)
