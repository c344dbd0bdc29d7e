"""Named regions of a picture, such as faces, in XMP: they turn with the pixels.

Two schemes are in use: regions of the Metadata Working Group ("Guidelines for Handling Image
Metadata", version 2, 5.9: the centre and size of an area) and those of Microsoft's People Tagging
(the upper left corner and size, in one text).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from .xmp import xmp_prefixes, xmp_text

_REGIONS: Final = "http://www.metadataworkinggroup.com/schemas/regions/"
_AREA: Final = "http://ns.adobe.com/xmp/sType/Area#"
_SIZE: Final = "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
_PEOPLE: Final = "http://ns.microsoft.com/photo/1.2/t/Region#"

Area = tuple[float, float, float, float]


def turned_regions(xmp: bytes, orientation: int, height: int, width: int) -> bytes:
    """Turn the regions of a picture whose pixels were turned upright.

    Parameters
    ----------
    xmp
        The packet.
    orientation
        EXIF orientation 1..8 that the pixels had.
    height, width
        Of the upright picture, pixels. Regions that state this size of a picture that was turned by
        90 degrees are upright already, and stay.
    """
    if not xmp or orientation == 1:
        return xmp
    text = xmp_text(xmp)
    changed = text
    is_quarter = orientation >= 5
    for regions in xmp_prefixes(text, _REGIONS):
        for sizes in xmp_prefixes(text, _SIZE):
            stated = _blocks(changed, f"{regions}:AppliedToDimensions")
            values = [_values(block, sizes, ("w", "h")) for block in stated]
            if is_quarter and any(pair == (width, height) for pair in values if pair):
                return xmp
            for block, pair in zip(stated, values, strict=True):
                if is_quarter and pair:
                    swapped = _with_values(block, sizes, {"w": pair[1], "h": pair[0]})
                    changed = changed.replace(block, swapped, 1)
        for areas in xmp_prefixes(text, _AREA):
            turn = partial(_turned_area, areas, orientation)
            changed = _each_block(changed, f"{regions}:Area", turn)
    for people in xmp_prefixes(text, _PEOPLE):
        changed = _turned_rectangles(changed, people, orientation)
    return xmp if changed == text else changed.encode("utf-8")


def _turned(x: float, y: float, orientation: int) -> tuple[float, float]:
    """A point, 0..1, of the stored picture in the upright one."""
    turned = {
        2: (1 - x, y), 3: (1 - x, 1 - y), 4: (x, 1 - y), 5: (y, x),
        6: (1 - y, x), 7: (1 - y, 1 - x), 8: (y, 1 - x),
    }  # fmt: skip
    return turned[orientation]


def _turned_area(prefix: str, orientation: int, block: str) -> str:
    values = _values(block, prefix, ("x", "y"))
    if values is None:
        return block
    x, y = _turned(*values, orientation)
    changes = {"x": x, "y": y}
    size = _values(block, prefix, ("w", "h"))
    if orientation >= 5 and size is not None:
        changes |= {"w": size[1], "h": size[0]}
    return _with_values(block, prefix, changes)


def _turned_rectangles(text: str, prefix: str, orientation: int) -> str:
    name = re.escape(f"{prefix}:Rectangle")
    number = r"\s*[\d.]+\s*"
    four = rf"({number}(?:,{number}){{3}})"

    def turned(match: re.Match[str]) -> str:
        left, top, width, height = map(float, match[2].split(","))
        x, y = _turned(left + width / 2, top + height / 2, orientation)
        if orientation >= 5:
            width, height = height, width
        numbers = (x - width / 2, y - height / 2, width, height)
        return match[1] + ", ".join(_number(max(0.0, n)) for n in numbers) + match[3]

    text = re.sub(rf"(\b{name}\s*=\s*[\"']){four}([\"'])", turned, text)
    return re.sub(rf"(<{name}\b[^>]*>){four}(</)", turned, text)


def _blocks(text: str, name: str) -> list[str]:
    """Elements of a name, from their start to their end."""
    full = re.escape(name)
    pattern = rf"<{full}\b[^>]*/>|<{full}\b[^>]*>.*?</{full}\s*>"
    return [match[0] for match in re.finditer(pattern, text, re.DOTALL)]


def _each_block(text: str, name: str, change: Callable[[str], str]) -> str:
    full = re.escape(name)
    pattern = rf"<{full}\b[^>]*/>|<{full}\b[^>]*>.*?</{full}\s*>"
    return re.sub(pattern, lambda match: change(match[0]), text, flags=re.DOTALL)


def _patterns(prefix: str, name: str) -> tuple[str, str]:
    full = re.escape(f"{prefix}:{name}")
    number = r"\s*-?[\d.]+(?:[eE][-+]?\d+)?\s*"
    return rf"(\b{full}\s*=\s*[\"'])({number})([\"'])", rf"(<{full}\b[^>]*>)({number})(</)"


def _values(block: str, prefix: str, names: tuple[str, str]) -> tuple[float, float] | None:
    found = []
    for name in names:
        for pattern in _patterns(prefix, name):
            if match := re.search(pattern, block):
                found.append(float(match[2]))
                break
    return (found[0], found[1]) if len(found) == 2 else None


def _with_values(block: str, prefix: str, values: dict[str, float]) -> str:
    for name, value in values.items():
        for pattern in _patterns(prefix, name):
            block = re.sub(pattern, rf"\g<1>{_number(value)}\g<3>", block)
    return block


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
