"""Damage that knows the structure of picture files: parsers get past the first check with it."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from typing import Final

Part = tuple[int, int, int, str]  # begins, payload begins, payload ends, how its length is written

_EXTREMES: Final = (0, 1, 2, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
_CONTAINERS: Final = frozenset({b"meta", b"iprp", b"ipco", b"iinf", b"moov", b"trak", b"dinf"})


def mutant(file_bytes: bytes, chance: random.Random) -> bytes:
    """Damage a file in one to four places, as its own format is built."""
    data = bytearray(file_bytes)
    for _ in range(chance.randint(1, 4)):
        parts = parts_of(bytes(data))
        if not parts or chance.random() < 0.15:
            _anywhere(data, chance)
        else:
            chance.choice(_DAMAGES)(data, chance.choice(parts), parts, chance)
    if data[:8] == b"\x89PNG\r\n\x1a\n" and chance.random() < 0.9:
        _mend_png(data)
    return bytes(data)


def parts_of(data: bytes) -> list[Part]:
    """Segments, chunks, boxes or directory entries of a file; empty where it has none that is known."""
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(b"\x89PNG"):
        return _chunks(data, 8, ">I", before=4, after=4)
    if data.startswith(b"RIFF"):
        return _chunks(data, 12, "<I", before=0, after=0)
    if data[4:8] == b"ftyp":
        return _boxes(data, 0, len(data))
    if data[:4] in (b"II*\0", b"MM\0*") and len(data) >= 8:
        return _tiff(data)
    return []


def _jpeg(data: bytes) -> list[Part]:
    parts, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = min(at + 2 + length, len(data))
        parts.append((at, at + 4, end, ">H2"))
        if data[at + 1] == 0xDA:
            next_marker = data.find(b"\xff", end)
            while 0 <= next_marker < len(data) - 1 and data[next_marker + 1] in (
                0,
                *range(0xD0, 0xD8),
            ):
                next_marker = data.find(b"\xff", next_marker + 2)
            parts.append((end, end, len(data) if next_marker < 0 else next_marker, ""))
            end = parts[-1][2]
        at = max(end, at + 2)
    return parts


def _chunks(data: bytes, at: int, length_type: str, *, before: int, after: int) -> list[Part]:
    parts = []
    while at + 8 <= len(data):
        where = at if before else at + 4
        (length,) = struct.unpack_from(length_type, data, where)
        end = min(at + 8 + length, len(data))
        parts.append((at, at + 8, end, length_type if before else "<I4"))
        at = end + after + (0 if before else length % 2)
    return parts


def _boxes(data: bytes, at: int, end: int) -> list[Part]:
    parts = []
    while at + 8 <= end:
        length = int.from_bytes(data[at : at + 4], "big")
        stop = min(at + length, end) if length >= 8 else end
        parts.append((at, at + 8, stop, ">I"))
        name = data[at + 4 : at + 8]
        if name in _CONTAINERS:
            parts += _boxes(data, at + (12 if name == b"meta" else 8), stop)
        at = stop
    return parts


def _tiff(data: bytes) -> list[Part]:
    order = "<" if data[:2] == b"II" else ">"
    parts: list[Part] = []
    (at,) = struct.unpack_from(order + "I", data, 4)
    for _ in range(8):
        if at + 2 > len(data) or at == 0:
            break
        (count,) = struct.unpack_from(order + "H", data, at)
        last = min(count, (len(data) - at - 2) // 12)
        parts += [(at + 2 + 12 * i, at + 2 + 12 * i, at + 14 + 12 * i, "") for i in range(last)]
        end = at + 2 + 12 * last
        at = struct.unpack_from(order + "I", data, end)[0] if end + 4 <= len(data) else 0
    return parts


def _anywhere(data: bytearray, chance: random.Random) -> None:
    if not data:
        return
    at = chance.randrange(len(data))
    match chance.randrange(4):
        case 0:
            data[at] = chance.randrange(256)
        case 1:
            del data[at : at + chance.randint(1, 64)]
        case 2:
            data[at:at] = chance.randbytes(chance.randint(1, 64))
        case _:
            del data[at:]


def _numbers(data: bytearray, part: Part, parts: list[Part], chance: random.Random) -> None:
    """Set a number in the payload to an extreme."""
    size = chance.choice((1, 2, 4))
    if part[2] - part[1] < size:
        return
    at = part[1] + min(chance.randrange(part[2] - part[1]), part[2] - part[1] - size)
    value = chance.choice(_EXTREMES) & (256**size - 1)
    data[at : at + size] = value.to_bytes(size, chance.choice(("big", "little")))


def _bits(data: bytearray, part: Part, parts: list[Part], chance: random.Random) -> None:
    """Turn bits over in the payload."""
    if part[2] <= part[1]:
        return
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(part[1], part[2])] ^= 1 << chance.randrange(8)


def _length(data: bytearray, part: Part, parts: list[Part], chance: random.Random) -> None:
    """Let a part say that it has another length."""
    if not part[3]:
        _numbers(data, part, parts, chance)
        return
    at = part[0] + (int(part[3][2:]) if len(part[3]) > 2 else 0)
    value = chance.choice((*_EXTREMES, part[2] - part[1] + chance.randint(-3, 3)))
    size = struct.calcsize(part[3][:2])
    order = "big" if part[3][0] == ">" else "little"
    data[at : at + size] = (value & (256**size - 1)).to_bytes(size, order)  # type: ignore[arg-type]


def _drop(data: bytearray, part: Part, parts: list[Part], chance: random.Random) -> None:
    """Leave a part out."""
    del data[part[0] : part[2]]


def _repeat(data: bytearray, part: Part, parts: list[Part], chance: random.Random) -> None:
    """Put a part where another begins, a second time."""
    at = chance.choice(parts)[0]
    data[at:at] = data[part[0] : part[2]] * chance.randint(1, 3)


def _grow(data: bytearray, part: Part, parts: list[Part], chance: random.Random) -> None:
    """Make a payload longer or shorter than it says."""
    if chance.random() < 0.5:
        data[part[1] : part[1]] = chance.randbytes(chance.randint(1, 32))
    else:
        del data[part[1] : part[1] + chance.randint(1, 32)]


_DAMAGES: Final[tuple[Callable[[bytearray, Part, list[Part], random.Random], None], ...]] = (
    _numbers, _numbers, _bits, _bits, _length, _drop, _repeat, _grow,
)  # fmt: skip


def _mend_png(data: bytearray) -> None:
    """Make the checksums right, so that the damage is looked at."""
    for start, payload, end, _ in _chunks(bytes(data), 8, ">I", before=4, after=4):
        if end + 4 <= len(data):
            data[end : end + 4] = zlib.crc32(data[start + 4 : end]).to_bytes(4, "big")
        del payload
