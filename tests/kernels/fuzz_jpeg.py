"""Mutated JPEG files through a sanitizer build of the JPEG module; `scripts/fuzz-jpeg` runs it.

A mutant must be refused by one of the two errors of `kernels.jpeg`, or give a file of the
same luma. The sanitizers end the process at the first wrong memory access or undefined
operation, and at the end nothing may be left allocated that was not after the first tenth.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.machinery
import importlib.util
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from tests.kernels.jpeg_samples import decoded, samples

LEAK_BYTES = 200_000  # the interpreter's own caches come and go by less


def main(count: int, native_module: Path, seed: int = 20260) -> None:
    load_native(native_module)
    seeds = list(samples().values())
    outcomes: Counter[str] = Counter()
    live_bytes = 0
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        file = mutant(seeds[rng.integers(len(seeds))], seeds[rng.integers(len(seeds))], rng)
        try:
            outcomes[outcome(file, rng)] += 1
        except Exception:
            native_module.with_name("failure.jpg").write_bytes(file)
            raise
        if number == count // 10:
            live_bytes = allocated_bytes()
    grown = allocated_bytes() - live_bytes
    sys.stdout.write(
        f"{count} mutants: {dict(outcomes)}; {grown} bytes more allocated at the end\n"
    )
    if grown > LEAK_BYTES:
        sys.exit("it leaks")


def outcome(file: bytes, rng: np.random.Generator) -> str:
    """What became of one mutant: "accepted" or the error's name; any other error passes through."""
    from colorize_batch.kernels.jpeg import DamagedJpeg, JpegFile, UnsupportedJpeg

    try:
        source = JpegFile(file)
        source.luma_plane(*rng.integers(1, 60, 2))
        shrink = int(rng.choice((1, 2, 4)))
        source.luma_for_chroma(shrink)
        cb, cr = rng.integers(0, 256, (2, *source.chroma_size(shrink)), dtype=np.uint8)
        written = source.with_chroma(cb, cr, shrink=shrink, quality=int(rng.integers(1, 101)))
        coefficients = source.luma_coefficients()
    except (DamagedJpeg, UnsupportedJpeg) as error:
        if "\n" in str(error) or not str(error):
            raise ValueError(f"expected an error of one line, found {error!r}") from error
        return type(error).__name__
    try:
        kept = np.array_equal(JpegFile(written).luma_coefficients(), coefficients)
    except DamagedJpeg:
        # Bytes left over at a scan's end, copied with it: libjpeg warns of them only when it has
        # not yet read ahead over them, which depends on what follows.
        kept = np.array_equal(decoded(written, "L"), decoded(file, "L"))
    if not kept:
        raise ValueError("the luma has changed")
    return "accepted"


def mutant(file: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """A file with a few random changes, most often one; `other` lends what is spliced in."""
    out = bytearray(file)
    for _ in range(rng.geometric(0.6)):
        if len(out) < 4:
            break
        at = int(rng.integers(len(out)))
        end = at + int(rng.integers(1, 40))
        match rng.integers(8):
            case 0:
                out[at] ^= 1 << int(rng.integers(8))
            case 1:
                out[at] = int(rng.choice([0x00, 0x01, 0x7F, 0x80, 0xFF]))
            case 2:
                del out[at:end]
            case 3:
                out[at:at] = out[at:end]
            case 4:
                del out[at:]
            case 5:
                start = int(rng.integers(len(other)))
                out[at:at] = other[start : start + int(rng.integers(1, 200))]
            case 6:  # a marker where one was
                markers = [i for i in range(len(out) - 1) if out[i] == 0xFF and out[i + 1] > 0xBF]
                if markers:
                    out[int(rng.choice(markers)) + 1] = int(rng.integers(0xC0, 0xFF))
            case 7:  # a header byte
                out[int(rng.integers(min(len(out), 700)))] = int(rng.integers(256))
    return bytes(out)


def load_native(path: Path) -> None:
    """Puts the module in `path` where `kernels.jpeg` will import it from."""
    name = "colorize_batch.kernels._jpeg"
    loader = importlib.machinery.ExtensionFileLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        sys.exit(f"expected a native module, found {path}")
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    sys.modules[name] = module


def allocated_bytes() -> int:
    gc.collect()
    count = ctypes.CDLL(None).__sanitizer_get_current_allocated_bytes
    count.restype = ctypes.c_size_t
    return int(count())


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
