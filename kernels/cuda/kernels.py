"""Every kernel under the name by which `launches` starts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .area_resize import reducing_kernel
from .chroma import chroma_kernel
from .field import ab_offsets, guided_lines, window_slopes
from .layout import CELL_THREADS, QUAD_THREADS, REDUCE_THREADS, Kernel
from .merge import merging_kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSource:
    """A kernel as Python, the threads of its blocks, and whether its arithmetic may be fast."""

    function: Kernel
    threads: int
    fast: bool = True


KERNELS: Final[dict[str, KernelSource]] = {
    **{
        f"{quantity}_{kind}": KernelSource(
            function=reducing_kernel(channels, lightness=quantity == "l"), threads=REDUCE_THREADS
        )
        for quantity in ("l", "luma")
        for kind, channels in (("gray", 1), ("rgb", 3))
    },
    "ab_offsets": KernelSource(function=ab_offsets, threads=CELL_THREADS, fast=False),
    "window_slopes": KernelSource(function=window_slopes, threads=CELL_THREADS),
    "guided_lines": KernelSource(function=guided_lines, threads=CELL_THREADS),
    **{
        f"merge_{kind}{suffix}": KernelSource(
            function=merging_kernel(channels, guided=bool(suffix)), threads=QUAD_THREADS
        )
        for kind, channels in (("gray", 1), ("rgb", 3))
        for suffix in ("", "_guided")
    },
    **{
        f"chroma{suffix}": KernelSource(
            function=chroma_kernel(guided=bool(suffix)), threads=QUAD_THREADS
        )
        for suffix in ("", "_guided")
    },
}
