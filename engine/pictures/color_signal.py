"""Colour spaces that a PNG or AVIF states without a profile, as ICC profiles."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...kernels.reference.colorspace import linear_from_srgb

_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_SRGB_PRIMARIES: Final = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
# ITU-T H.273, table 2: x and y of red, green, blue and white.
_PRIMARIES: Final = {
    1: _SRGB_PRIMARIES,
    4: (0.67, 0.33, 0.21, 0.71, 0.14, 0.08, 0.310, 0.316),
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    6: (0.63, 0.34, 0.31, 0.595, 0.155, 0.07, 0.3127, 0.3290),
    7: (0.63, 0.34, 0.31, 0.595, 0.155, 0.07, 0.3127, 0.3290),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    11: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.314, 0.351),
    12: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.3290),
}
_WHITE_NITS: Final = 203.0  # ITU-R BT.2408: the reference white of PQ and HLG pictures
_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_D50: Final = np.array([0.9642, 1.0, 0.8249])
_TABLE: Final = 4096


def stated_profile(file_bytes: bytes) -> bytes:
    """The profile of the colour space that a file states by numbers; empty for sRGB or none.

    PNG: cICP, else gAMA with cHRM, which count only where there is neither iCCP nor sRGB (PNG third
    edition, 4.3 and 11.3.2). AVIF and HEIF: the `nclx` box. Light over 203 cd/m2 in PQ and HLG is
    clipped.

    Parameters
    ----------
    file_bytes
        A whole file of any format.
    """
    if file_bytes.startswith(_PNG_SIGNATURE):
        return _png_profile(file_bytes)
    if file_bytes[4:8] == b"ftyp":
        at = file_bytes.find(b"colrnclx", 0, 65536)
        if at >= 0:
            return _profile_of_codes(*struct.unpack_from(">HH", file_bytes, at + 8))
    return b""


def _png_profile(file_bytes: bytes) -> bytes:
    chunks = dict(_png_chunks(file_bytes))
    if len(codes := chunks.get(b"cICP", b"")) >= 4:
        return _profile_of_codes(codes[0], codes[1])
    if b"iCCP" in chunks or b"sRGB" in chunks or len(chunks.get(b"gAMA", b"")) != 4:
        return b""
    (gamma,) = struct.unpack(">I", chunks[b"gAMA"])
    primaries = _SRGB_PRIMARIES
    if len(chunks.get(b"cHRM", b"")) == 32:
        white_x, white_y, *rgb = (
            number / 100_000 for number in struct.unpack(">8I", chunks[b"cHRM"])
        )
        primaries = (*rgb, white_x, white_y)
    near_srgb = np.abs(np.subtract(primaries, _SRGB_PRIMARIES)).max() < 0.002
    if gamma == 0 or (near_srgb and abs(gamma - 45455) < 500):  # what sRGB files state
        return b""
    return _matrix_profile(primaries, lambda codes: codes ** (100_000 / gamma))


def _png_chunks(file_bytes: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Chunks before the picture's data; of several of one kind the last counts."""
    at = len(_PNG_SIGNATURE)
    while at + 12 <= len(file_bytes):
        (length,) = struct.unpack_from(">I", file_bytes, at)
        kind = file_bytes[at + 4 : at + 8]
        if kind == b"IDAT":
            return
        yield kind, file_bytes[at + 8 : at + 8 + length]
        at += 12 + length


def _profile_of_codes(primaries: int, transfer: int) -> bytes:
    """Of the numbers of H.273; BT.709's curve is taken as sRGB's, as viewers do."""
    curve = _CURVES.get(transfer)
    if curve is None and primaries in {1, 2}:
        return b""
    if primaries not in _PRIMARIES and curve is None:
        return b""
    return _matrix_profile(_PRIMARIES.get(primaries, _SRGB_PRIMARIES), curve or linear_from_srgb)


def _pq(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    """SMPTE ST 2084, relative to the reference white."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = codes ** (1 / m2)
    light = (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return np.asarray(light * 10_000 / _WHITE_NITS)


def _hlg(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    """ITU-R BT.2100 on a display of 1000 cd/m2, each channel by itself."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(codes <= 0.5, codes**2 / 3, (np.exp((codes - c) / a) + b) / 12)
    return np.asarray(1000 * scene**1.2 / _WHITE_NITS)


# H.273, table 3.
_CURVES: Final[dict[int, Callable[[NDArray[np.float64]], NDArray[np.float64]]]] = {
    4: lambda codes: np.asarray(codes**2.2),
    5: lambda codes: np.asarray(codes**2.8),
    8: lambda codes: codes,
    16: _pq,
    17: lambda codes: np.asarray(codes**2.6),
    18: _hlg,
}


def _matrix_profile(
    primaries: tuple[float, ...], curve: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> bytes:
    """An ICC version 2 display profile of xy primaries with white last, and one tone curve."""
    xy = np.reshape(primaries, (4, 2))
    if not (xy[:, 1] > 0).all():
        return b""
    xyz = np.column_stack([xy[:, 0] / xy[:, 1], np.ones(4), (1 - xy.sum(1)) / xy[:, 1]])
    white = xyz[3]
    try:
        columns = xyz[:3].T * np.linalg.solve(xyz[:3].T, white)
    except np.linalg.LinAlgError:
        return b""
    adapted = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    columns = np.linalg.inv(_BRADFORD) @ adapted @ _BRADFORD @ columns
    light = np.clip(curve(np.linspace(0, 1, _TABLE)), 0, 1)
    table = np.rint(light * 65535).astype(">u2").tobytes()
    elements = {
        b"desc": b"desc" + struct.pack(">II", 0, 7) + b"stated\0" + bytes(78),
        b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": _xyz(_D50),
        **{name: _xyz(columns[:, i]) for i, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
    }
    shared = b"curv" + struct.pack(">II", 0, _TABLE) + table
    names = [*elements, b"rTRC", b"gTRC", b"bTRC"]
    at = 128 + 4 + 12 * len(names)
    tags, body = struct.pack(">I", len(names)), b""
    for name, element in elements.items():
        tags += struct.pack(">4sII", name, at + len(body), len(element))
        body += element + bytes(-len(element) % 4)
    for name in names[-3:]:
        tags += struct.pack(">4sII", name, at + len(body), len(shared))
    body += shared
    header = struct.pack(
        ">I4xI4s4s4s12s4s",
        at + len(body),
        0x02400000,
        b"mntr",
        b"RGB ",
        b"XYZ ",
        bytes(12),
        b"acsp",
    )
    header += bytes(68 - len(header)) + struct.pack(">3i", *(round(65536 * n) for n in _D50))
    return header + bytes(128 - len(header)) + tags + body


def _xyz(values: NDArray[np.float64]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(65536 * float(n)) for n in values))
