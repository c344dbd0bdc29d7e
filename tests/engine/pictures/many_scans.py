"""Valid progressive JPEGs of any number of scans, which take little to write and much to decode."""

from __future__ import annotations

_LONGEST_RUN = 32767


def jpeg_of_scans(width: int, height: int, scans: int, components: int = 1) -> bytes:
    """Write a progressive JPEG, gray or of four inks, of flat colour.

    The first scans carry the DC coefficients, all zero. Each other one is of a single AC
    coefficient of one component, or of one more bit of it; end-of-band runs of up to 32767 blocks
    (T.81, G.1.2.2) say in a few bytes that it is zero everywhere.
    """
    blocks = -(-width // 8) * -(-height // 8)
    empty = _runs(blocks)
    frame = bytes([8, *height.to_bytes(2, "big"), *width.to_bytes(2, "big"), components])
    frame += b"".join(bytes([i, 0x11, 0]) for i in range(1, components + 1))
    parts = [b"\xff\xd8", _segment(0xDB, bytes([0]) + b"\x10" * 64)]
    if components == 4:
        parts.append(_segment(0xEE, b"Adobe\0\x64\0\0\0\0\0"))
    parts.append(_segment(0xC2, frame))
    parts.append(_segment(0xC4, b"\x00" + _lengths_of_one_word() + b"\x00"))
    parts.append(_segment(0xC4, b"\x10" + _lengths_of_one_word() + b"\xe0"))
    parts += [_scan(i, 0, 0, 0) + bytes(-(-blocks // 8)) for i in range(1, components + 1)]
    for number in range(scans - components):
        turn, component = divmod(number, components)
        coefficient, bit = 1 + turn // 14, turn % 14
        approximation = 13 if bit == 0 else (14 - bit) << 4 | (13 - bit)
        parts.append(_scan(component + 1, coefficient, coefficient, approximation) + empty)
    return b"".join(parts) + b"\xff\xd9"


def _lengths_of_one_word() -> bytes:
    """Numbers of words of 1..16 bits: one word of one bit."""
    return bytes([1, *[0] * 15])


def _runs(blocks: int) -> bytes:
    """End-of-band runs over all blocks: the word 0 is EOB14, whose 14 bits follow."""
    bits = ""
    while blocks > 0:
        run = max(min(blocks, _LONGEST_RUN), 16384)
        bits += "0" + format(run - 16384, "014b")
        blocks -= run
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")


def _scan(component: int, first: int, last: int, approximation: int) -> bytes:
    return _segment(0xDA, bytes([1, component, 0, first, last, approximation]))


def _segment(code: int, payload: bytes) -> bytes:
    return bytes([0xFF, code]) + (len(payload) + 2).to_bytes(2, "big") + payload
