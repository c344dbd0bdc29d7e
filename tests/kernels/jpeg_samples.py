"""JPEG files of every kind the coefficient path meets, made on the spot by Pillow."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
SOF0, SOF2, DHT, SOS, DQT, DRI = 0xC0, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD
APP0, APP1, APP2, APP13, APP14, COM = 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE


def samples() -> dict[str, bytes]:
    """Name -> file: supported ones that differ in kind, coding, sampling, size and metadata."""
    files = {
        f"gray {width}x{height}": gray_jpeg(height, width)
        for height, width in [(1, 1), (8, 8), (7, 9), (16, 17), (1, 100), (100, 1), (75, 113)]
    }
    for quality in (5, 30, 60, 90, 95, 100):
        files[f"gray quality {quality}"] = gray_jpeg(64, 90, quality=quality)
    for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
        for progressive in (False, True):
            kind = "progressive" if progressive else "baseline"
            files[f"{kind} {subsampling}"] = colour_jpeg(
                61, 83, subsampling=subsampling, progressive=progressive
            )
    for factors in ((1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (1, 4), (4, 2), (3, 1)):
        files[f"three scans, luma {factors}"] = three_scan_jpeg(61, 83, factors)
        files[f"gray with factors {factors}"] = with_gray_factors(gray_jpeg(61, 83), factors)
    files |= {
        "progressive": gray_jpeg(75, 113, progressive=True),
        "progressive, restarts": gray_jpeg(75, 113, progressive=True, restart_marker_blocks=3),
        "optimised": gray_jpeg(75, 113, optimize=True),
        "restarts by blocks": gray_jpeg(75, 113, restart_marker_blocks=5),
        "restarts by rows": gray_jpeg(75, 113, restart_marker_rows=1),
        "restarts in 4:2:0": colour_jpeg(75, 113, subsampling="4:2:0", restart_marker_blocks=2),
        "own table": gray_jpeg(40, 40, qtables=[list(range(3, 67))]),
        "exif": gray_jpeg(40, 30, exif=exif_bytes(6)),
        "comment": gray_jpeg(40, 30, comment=b"a comment"),
        "gray profile": gray_jpeg(40, 30, icc_profile=gray_icc()),
        "RGB profile": gray_jpeg(40, 30, icc_profile=rgb_icc()),
        "Adobe, gray": with_segment(gray_jpeg(40, 30), APP14, ADOBE + b"\0", instead_of=APP0),
        "Adobe, YCbCr": with_segment(colour_jpeg(40, 30), APP14, ADOBE + b"\1", instead_of=APP0),
        "no APPn": without(gray_jpeg(40, 30), APP0),
        "bytes after the end": gray_jpeg(40, 30) + b"trailing" + gray_jpeg(9, 9),
        "black and white": jpeg(np.kron([[0, 255], [255, 0]], np.ones((13, 13))), quality=100),
    }
    return files


ADOBE = b"Adobe\0\x64\0\0\0\0"  # its last byte, the transform, is to follow


def photograph(height: int, width: int) -> NDArray[np.uint8]:
    """(height, width) gray: smooth forms, an edge and grain."""
    rows, columns = np.mgrid[0:height, 0:width]
    forms = 110 + 70 * np.sin(rows / 9) * np.cos(columns / 13) + 40 * (rows + columns > 60)
    grain = np.random.default_rng(height * 1000 + width).normal(0, 6, (height, width))
    return np.clip(forms + grain, 0, 255).astype(np.uint8)


def jpeg(pixels: NDArray[np.generic], **options: object) -> bytes:
    """Pillow's JPEG of (h, w) gray or (h, w, 3) RGB."""
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "JPEG", **{"quality": 85, **options})
    return file.getvalue()


def gray_jpeg(height: int, width: int, **options: object) -> bytes:
    return jpeg(photograph(height, width), **options)


def colour_jpeg(height: int, width: int, **options: object) -> bytes:
    gray = photograph(height, width)
    return jpeg(np.stack([gray, gray[::-1], gray[:, ::-1]], axis=2), **options)


def cmyk_jpeg(height: int, width: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(photograph(height, width)).convert("CMYK").save(file, "JPEG")
    return file.getvalue()


def three_scan_jpeg(height: int, width: int, luma_factors: tuple[int, int]) -> bytes:
    """A baseline YCbCr file of one scan a component; chroma is sampled 1x1."""
    horizontal, vertical = luma_factors
    luma = gray_jpeg(height, width)
    chroma = gray_jpeg(-(-height // vertical), -(-width // horizontal))
    components = bytes([1, horizontal << 4 | vertical, 0, 2, 0x11, 0, 3, 0x11, 0])
    frame = struct.pack(">BHHB", 8, height, width, 3) + components
    out = SOI + _segment(APP0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    for identity, part in ((1, luma), (2, chroma), (3, chroma)):
        for code, payload, entropy in segments(part):
            if code == SOF0 and identity == 1:
                out += _segment(SOF0, frame)
            elif code in {DQT, DHT} and identity == 1:
                out += _segment(code, payload)
            elif code == SOS:
                out += _segment(SOS, payload[:1] + bytes([identity]) + payload[2:]) + entropy
    return out + EOI


def with_gray_factors(gray: bytes, factors: tuple[int, int]) -> bytes:
    """A gray file with other sampling factors, which mean nothing for a lone component."""
    out = bytearray(gray)
    frame = gray.index(b"\xff\xc0")
    out[frame + 11] = factors[0] << 4 | factors[1]
    return bytes(out)


def with_segment(file: bytes, code: int, payload: bytes, instead_of: int | None = None) -> bytes:
    """A file with one more segment at its beginning, and less those of the code `instead_of`."""
    rest = without(file, instead_of) if instead_of is not None else file
    return SOI + _segment(code, payload) + rest[2:]


def without(file: bytes, code: int) -> bytes:
    kept = [_segment(c, p) + entropy for c, p, entropy in segments(file) if c != code]
    return SOI + b"".join(kept) + EOI


def segments(file: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker code, payload and, after SOS, the coded data of each segment."""
    at = 2
    while file[at : at + 2] != EOI:
        code, length = struct.unpack_from(">xBH", file, at)
        payload = file[at + 4 : at + 2 + length]
        at += 2 + length
        start = at
        if code == SOS:
            while file[at] != 0xFF or file[at + 1] in (0, *range(0xD0, 0xD8)):
                at += 1
        yield code, payload, file[start:at]


def payloads(file: bytes, code: int) -> list[bytes]:
    return [payload for c, payload, _ in segments(file) if c == code]


def decoded(file: bytes, mode: str) -> NDArray[np.uint8]:
    """A file as Pillow's libjpeg gives it in "L" or "YCbCr", without a conversion by Pillow."""
    with Image.open(io.BytesIO(file)) as image:
        image.draft(mode, image.size)
        image.load()
        assert image.mode == mode
        return np.asarray(image)


def exif_bytes(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "a description"
    return exif.tobytes()


def exif_with_thumbnail() -> bytes:
    """Big-endian Exif: orientation 8 and a second directory with a thumbnail of 4 bytes."""
    first = struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 8, 0, 26)
    second = struct.pack(">HHHIIHHIII", 2, 0x0201, 4, 1, 56, 0x0202, 4, 1, 4, 0)
    return b"Exif\0\0" + b"MM\0\x2a\0\0\0\x08" + first + second + b"\xff\xd8\xff\xd9"


def rgb_icc() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def gray_icc(gamma: float = 1.8) -> bytes:
    """A version 2 gray profile on XYZ with a gamma curve, laid out by hand after ICC.1:2001-04."""
    text = b"gray\0"
    elements = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text\0\0\0\0" + b"none\0",
        b"wtpt": struct.pack(">4s4x3i", b"XYZ ", 63190, 65536, 54061),
        b"kTRC": struct.pack(">4s4xIH", b"curv", 1, round(gamma * 256)),
    }
    table = struct.pack(">I", len(elements))
    body = b""
    for name, element in elements.items():
        offset = 128 + 4 + 12 * len(elements) + len(body)
        table += struct.pack(">4sII", name, offset, len(element))
        body += element + bytes(-len(element) % 4)
    header = struct.pack(
        ">I4sI4s4s4s12s4s28x3i48x", 132 + 48 + len(body), b"", 0x02100000, b"prtr", b"GRAY",
        b"XYZ ", bytes(12), b"acsp", 63190, 65536, 54061,
    )  # fmt: skip
    return header + table + body


def _segment(code: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(payload) + 2) + payload
