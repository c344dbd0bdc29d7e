"""A run over a tree, checked as an archivist would: what went in against what came out.

    colorize-batch SRC DST
    python -m colorize_batch.benchmarks.archive_check DST [--json FILE]

Of every picture that the manifest of DST calls done: its size upright, depth, alpha, colour profile,
resolution, descriptive EXIF, IPTC and XMP fields (by exiftool, if it is there), how far its lightness
is from the source's, and whether Pillow decodes it. Prints what was found, and each file that falls
short. Paths of sources must still hold.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import warnings
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from ..engine.batch.manifest import MANIFEST_NAME
from ..engine.pictures.metadata.metadata import Metadata
from ..engine.pictures.pixel_picture import PixelPicture
from ..engine.pictures.pixel_reader import PixelReader
from ..engine.pictures.read_options import ReadOptions
from ..errors import ColorizeError
from ..kernels.srgb_profile import is_near_srgb_profile

_FIELDS: Final = (
    "IFD0:ImageDescription", "IFD0:Make", "IFD0:Model", "IFD0:Artist", "IFD0:Copyright",
    "IFD0:ModifyDate", "ExifIFD:DateTimeOriginal", "ExifIFD:ExposureTime", "GPS:GPSLatitude",
    "GPS:GPSLongitude", "IPTC:Caption-Abstract", "IPTC:Keywords", "IPTC:By-line", "XMP-dc:Title",
    "XMP-dc:Description", "XMP-dc:Creator", "XMP-dc:Rights",
)  # fmt: skip
_NO_IPTC: Final = frozenset({".webp", ".avif"})
_EXIFTOOL_FILES: Final = 500
# Mean difference of L*: what encoding once at the default qualities may do.
_LUMA: Final = {".jpg": 1.5, ".jpeg": 1.5, ".webp": 2.5, ".avif": 2.5}
_LOSSLESS_LUMA: Final = 0.8


def main() -> None:
    """Check, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    entries = _entries(arguments.folder)
    done = [entry for entry in entries if entry["status"] == "done"]
    sources = [Path(entry["source_path"] or entry["source"]) for entry in done]
    outputs = [arguments.folder / entry["output"] for entry in done]
    tags = _tags([*sources, *outputs])
    counts: Counter[str] = Counter()
    for source, output in zip(sources, outputs, strict=True):
        found = list(_faults(source, output, tags))
        counts.update({fault.split(":")[0] for fault in found} or {"nothing"})
        for fault in found:
            print(f"{source} -> {output.name}: {fault}", flush=True)
    failed = Counter(entry["reason"] for entry in entries if entry["status"] == "failed")
    print(f"{len(done)} done, {sum(failed.values())} failed; what falls short, of so many files:")
    for fault, count in counts.most_common():
        print(f"  {count:5} {fault}")
    for reason, count in failed.most_common():
        print(f"  {count:5} failed: {reason}")
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"done": len(done), "short": dict(counts), "failed": dict(failed)}, indent=1)
        )


def _entries(folder: Path) -> list[dict[str, Any]]:
    """The last line of each output."""
    last: dict[str, dict[str, Any]] = {}
    for line in (folder / MANIFEST_NAME).read_text().splitlines():
        entry = json.loads(line)
        if entry.get("output"):
            last[entry["output"]] = entry
    return list(last.values())


def _tags(paths: Iterable[Path]) -> dict[str, dict[str, Any]]:
    if shutil.which("exiftool") is None:
        return {}
    every = [str(path.absolute()) for path in paths]
    tags: dict[str, dict[str, Any]] = {}
    for start in range(0, len(every), _EXIFTOOL_FILES):
        printed = subprocess.run(
            ["exiftool", "-j", "-n", "-G1", "-q", "-charset", "filename=utf8", "-@", "-"],
            input="\n".join(every[start : start + _EXIFTOOL_FILES]).encode(),
            capture_output=True,
            check=False,
        ).stdout
        for one in json.loads(printed.decode("utf-8", "replace") or "[]"):
            tags[one["SourceFile"]] = one
    return tags


def _faults(source: Path, output: Path, tags: dict[str, dict[str, Any]]) -> Iterable[str]:
    try:
        before, after = _decoded(source), _decoded(output)
    except (ColorizeError, OSError) as error:
        yield f"cannot be read again: {error}"
        return
    if (before.height, before.width) != (after.height, after.width):
        yield f"size: {after.width}x{after.height}, expected {before.width}x{before.height}"
        return
    eight_bits = output.suffix.lower() in (".jpg", ".jpeg", ".jpe", ".jfif", ".jps", ".webp")
    if before.pixels.dtype == np.uint16 and after.pixels.dtype == np.uint8 and not eight_bits:
        yield "depth: 8 bits, expected 16"
    had, has = before.alpha is not None, after.alpha is not None
    if had != has and output.suffix.lower() not in (".jpg", ".jpeg"):
        yield f"alpha: {'lost' if had else 'made up'}"
    yield from _second_decoder(output, after)
    if (distance := _lightness_distance(source, output, before, after)) > _LUMA.get(
        output.suffix.lower(), _LOSSLESS_LUMA
    ):
        yield f"lightness: off by {distance:.2f} L*"
    yield from _resolution(before.metadata, after.metadata)
    yield from _fields(source, output, tags)


def _decoded(path: Path) -> PixelPicture:
    return PixelReader(path.read_bytes(), ReadOptions(max_pixels=10**9)).decoded()


def _second_decoder(output: Path, ours: PixelPicture) -> Iterable[str]:
    try:
        with warnings.catch_warnings(), Image.open(output) as picture:
            warnings.simplefilter("ignore")
            picture.load()
            profile = picture.info.get("icc_profile") or b""
            turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8) and output.suffix != ".avif"
            size = picture.size[::-1] if turned else picture.size
    except Exception as error:  # whatever a decoder raises is a fault of the file
        yield f"second decoder: {error}"
        return
    if size != (ours.width, ours.height):
        yield f"second decoder: {size[0]}x{size[1]}"
    if not is_near_srgb_profile(profile):
        yield "profile: neither sRGB nor near it"


def _lightness_distance(
    source: Path, output: Path, before: PixelPicture, after: PixelPicture
) -> float:
    """Mean difference of L*; of JPEG to JPEG, whose luma is kept and not L*, of luma over 2.55."""
    if source.read_bytes()[:2] == output.read_bytes()[:2] == b"\xff\xd8" and not after.tag_srgb:
        with Image.open(source) as first, Image.open(output) as second:
            if first.mode in ("L", "RGB"):
                first.draft("L", None)
                second.draft("L", None)
                lumas = [np.asarray(one.convert("L")).astype(int) for one in (first, second)]
                return float(np.abs(lumas[0] - lumas[1]).mean()) / 2.55
    height, width = min(before.height, 512), min(before.width, 512)
    return float(np.abs(before.l_plane(height, width) - after.l_plane(height, width)).mean())


def _resolution(before: Metadata, after: Metadata) -> Iterable[str]:
    if before.dpi is None or max(before.dpi) <= 1.5:
        return
    if after.dpi is None or any(
        abs(a - b) > 0.005 * b + 0.6 for a, b in zip(after.dpi, before.dpi, strict=True)
    ):
        yield f"resolution: {after.dpi}, expected {before.dpi}"


def _fields(source: Path, output: Path, tags: dict[str, dict[str, Any]]) -> Iterable[str]:
    before, after = tags.get(str(source.absolute())), tags.get(str(output.absolute()))
    if before is None or after is None:
        return
    for name in _FIELDS:
        if name.startswith("IPTC") and output.suffix.lower() in _NO_IPTC:
            continue
        if name in before and str(before[name]).strip() and after.get(name) != before[name]:
            yield f"{name}: {str(after.get(name))[:40]!r}, expected {str(before[name])[:40]!r}"


if __name__ == "__main__":
    main()
