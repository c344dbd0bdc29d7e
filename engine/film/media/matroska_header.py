"""What FFmpeg's Matroska muxer is not given, put into the header of a finished file."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

# Element numbers of RFC 9559.
_SEGMENT: Final = 0x18538067
_TRACKS: Final = 0x1654AE6B
_TRACK_ENTRY: Final = 0xAE
_NUMBER: Final = 0xD7
_NAME: Final = 0x536E
_CODEC_ID: Final = 0x86
_CODEC_PRIVATE: Final = 0x63A2
_VIDEO: Final = 0xE0
_PIXEL_WIDTH, _PIXEL_HEIGHT = 0xB0, 0xBA
_DISPLAY: Final = (0x54B0, 0x54BA, 0x54B2)  # width, height, unit
# Unit of display sizes that are no pixels, but a shape; WebM knows pixels only.
_AS_SHAPE: Final = 3
_CRC32: Final = 0xBF
_VOID: Final = 0xEC
# The header lies at the start; a film's is a few kilobytes, unless it carries attachments.
_HEAD: Final = 1 << 20
# Title that holds room in a track's entry for what is put there later.
_ROOM: Final = "\x01room\x01"


@dataclass(frozen=True, slots=True)
class TrackChange:
    """What to put into the entry of a track.

    Parameters
    ----------
    aspect
        Width over height of a pixel; None leaves what is there.
    codec_id, codec_private
        Matroska's name of the codec, and what its decoder is given; empty leaves what is there.
    """

    aspect: Fraction | None = None
    codec_id: str = ""
    codec_private: bytes = b""

    @property
    def title(self) -> str:
        """A title to give to the track, which makes room and is taken away again."""
        return _ROOM + "." * (48 + len(self.codec_private))


def change_tracks(
    path: Path, changes: Mapping[int, TrackChange], titles: Mapping[int, str]
) -> None:
    """Change entries of tracks in place.

    Parameters
    ----------
    path
        A Matroska or WebM file whose tracks got `TrackChange.title` as titles.
    changes
        By number of the track, from 0.
    titles
        What the tracks are called in truth.

    Raises
    ------
    OSError, ValueError
        The file cannot be read or written, or has no such tracks at its start.
    """
    with open(path, "r+b") as file:
        head = file.read(_HEAD)
        start, size = _tracks(head)
        body = b"".join(
            _changed(content, changes, titles, is_webm=path.suffix.lower() == ".webm")
            if number == _TRACK_ENTRY
            else _element(number, content)
            for number, content in _children(head[start : start + size])
            if number != _CRC32
        )
        has_crc = head[start] == _CRC32
        room = size - len(body) - (6 if has_crc else 0)
        if room < 0 or room == 1:
            raise ValueError(f"the entries of the tracks outgrew their room by {-room} bytes")
        body += _void(room)
        if has_crc:
            body = bytes((_CRC32, 0x84)) + zlib.crc32(body).to_bytes(4, "little") + body
        file.seek(start)
        file.write(body)


def _changed(
    entry: bytes,
    changes: Mapping[int, TrackChange],
    titles: Mapping[int, str],
    *,
    is_webm: bool,
) -> bytes:
    children = list(_children(entry))
    track = int.from_bytes(dict(children)[_NUMBER]) - 1
    change = changes.get(track)
    if change is None:
        return _element(_TRACK_ENTRY, entry)
    parts = []
    for number, content in children:
        kept = content
        if number == _NAME or (number == _CODEC_PRIVATE and change.codec_private):
            continue
        if number == _CODEC_ID and change.codec_id:
            kept = change.codec_id.encode()
        if number == _VIDEO and change.aspect is not None:
            kept = _with_aspect(content, change.aspect, is_webm=is_webm)
        parts.append(_element(number, kept))
    if change.codec_private:
        parts.append(_element(_CODEC_PRIVATE, change.codec_private))
    if titles.get(track):
        parts.append(_element(_NAME, titles[track].encode()))
    return _element(_TRACK_ENTRY, b"".join(parts))


def _with_aspect(video: bytes, aspect: Fraction, *, is_webm: bool) -> bytes:
    """The Video element with sizes for display: whole pixels, or where they fall between, a shape."""
    children = [(number, content) for number, content in _children(video) if number not in _DISPLAY]
    sizes = dict(children)
    width, height = (int.from_bytes(sizes[number]) for number in (_PIXEL_WIDTH, _PIXEL_HEIGHT))
    display = (width * aspect, Fraction(height), Fraction(0))
    if not is_webm and display[0] != round(display[0]):
        shape = Fraction(width, height) * aspect
        display = (Fraction(shape.numerator), Fraction(shape.denominator), Fraction(_AS_SHAPE))
    for number, size in zip(_DISPLAY, display, strict=True):
        value = round(size)
        children.append((number, value.to_bytes(max(1, (value.bit_length() + 7) // 8))))
    return b"".join(_element(number, content) for number, content in children)


def _tracks(head: bytes) -> tuple[int, int]:
    """Where the content of Tracks begins, and its size."""
    at = 0
    while at < len(head):
        number, size, start = _opened(head, at)
        if number == _TRACKS:
            return start, size
        at = start if number == _SEGMENT else start + size
    raise ValueError("no tracks at the start of the file")


def _children(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        number, size, start = _opened(content, at)
        if number != _VOID:
            yield number, content[start : start + size]
        at = start + size


def _opened(data: bytes, at: int) -> tuple[int, int, int]:
    """Number, size and start of the content of the element at a place."""
    length = 9 - data[at].bit_length()
    number = int.from_bytes(data[at : at + length])
    at += length
    length = 9 - data[at].bit_length()
    size = int.from_bytes(data[at : at + length]) & ((1 << 7 * length) - 1)
    return number, size, at + length


def _element(number: int, content: bytes) -> bytes:
    name = number.to_bytes((number.bit_length() + 7) // 8)
    length = next(n for n in range(1, 9) if len(content) < (1 << 7 * n) - 1)
    return name + (len(content) | 1 << 7 * length).to_bytes(length) + content


def _void(room: int) -> bytes:
    if room == 0:
        return b""
    length = 1 if room < 128 else 8
    return (
        bytes((_VOID,))
        + ((room - 1 - length) | 1 << 7 * length).to_bytes(length)
        + bytes(room - 1 - length)
    )
