"""Gray ICC profiles, which are wrong on a picture that has been given colour."""

import struct
from typing import Final

from .icc import HEADER_BYTES, SPACE, icc_tags

# ICC.1:2010, 7.2: the header's fields.
_CLASS: Final = slice(12, 16)
_CONNECTION_SPACE: Final = slice(20, 24)
_PROFILE_ID: Final = slice(84, 100)

# The primaries of sRGB seen under D50, as the sRGB profiles of the ICC carry them (IEC 61966-2-1,
# adapted by Bradford), and the D50 white of the connection space.
_RGB_XYZ: Final = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
_D50_XYZ: Final = (0.9642, 1.0, 0.8249)


def rgb_icc_from_gray(icc: bytes) -> bytes | None:
    """Make the RGB profile whose neutral colours look as under a gray one.

    All three channels get the gray profile's tone curve, and the primaries are those of sRGB: where
    R = G = B the picture keeps its tones, whatever the curve (gamma 2.2, a dot gain, ...).

    Parameters
    ----------
    icc : bytes
        An ICC profile.

    Returns
    -------
    bytes or None
        None when `icc` is not a gray profile on the XYZ connection space with a tone curve, a
        description and a copyright: there is nothing to take over then.
    """
    if icc[SPACE] != b"GRAY" or icc[_CONNECTION_SPACE] != b"XYZ ":
        return None
    tags = icc_tags(icc)
    if not tags.keys() >= {b"kTRC", b"desc", b"cprt"}:
        return None
    elements = {
        b"desc": tags[b"desc"],
        b"cprt": tags[b"cprt"],
        b"wtpt": _xyz_element(_D50_XYZ),
        **{name: _xyz_element(xyz) for name, xyz in _RGB_XYZ.items()},
        b"rTRC": tags[b"kTRC"],
        b"gTRC": tags[b"kTRC"],
        b"bTRC": tags[b"kTRC"],
    }
    header = bytearray(icc[:HEADER_BYTES])
    header[_CLASS] = b"mntr"
    header[SPACE] = b"RGB "
    header[_PROFILE_ID] = bytes(16)
    return _profile(header, elements)


def _xyz_element(xyz: tuple[float, float, float]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(65536 * value) for value in xyz))


def _profile(header: bytearray, elements: dict[bytes, bytes]) -> bytes:
    """Lay out a profile of these elements; equal ones are stored once."""
    table = struct.pack(">I", len(elements))
    at = HEADER_BYTES + len(table) + 12 * len(elements)
    offsets: dict[bytes, int] = {}
    body = b""
    for name, element in elements.items():
        if element not in offsets:
            offsets[element] = at + len(body)
            body += element + bytes(-len(element) % 4)
        table += struct.pack(">4sII", name, offsets[element], len(element))
    header[:4] = struct.pack(">I", at + len(body))
    return bytes(header) + table + body
