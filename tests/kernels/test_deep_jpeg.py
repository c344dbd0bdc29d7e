"""JPEG of 12 bits a sample, coded here: Pillow writes none."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from colorize_batch.engine.pictures.formats import FORMATS
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.reader import open_picture
from colorize_batch.errors import UnreadableError
from colorize_batch.kernels.jpeg import DamagedJpeg, UnsupportedJpeg, deep_luma_plane
from tests.kernels.jpeg_samples import gray_jpeg

pytest.importorskip("colorize_batch.kernels._jpeg", reason="built without libjpeg-turbo's headers")

QUANTUM = 8
DC_SYMBOLS = bytes(range(16))  # 16 words of 5 bits
AC_SYMBOLS = bytes([0x00, 0x0C])  # the end of a block, and a value of 12 bits: 1 and 2 bits


class Bits:
    def __init__(self) -> None:
        self.text = ""

    def put(self, value: int, count: int) -> None:
        self.text += f"{value:0{count}b}" if count else ""

    def magnitude(self, value: int, size: int) -> None:
        self.put(value if value >= 0 else value + (1 << size) - 1, size)

    def bytes(self) -> bytes:
        text = self.text + "1" * (-len(self.text) % 8)
        packed = int(text, 2).to_bytes(len(text) // 8)
        return packed.replace(b"\xff", b"\xff\0")


def segment(code: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(payload) + 2) + payload


def deep_jpeg(means: np.ndarray, components: int = 1, restart: int = 0, across: int = 0) -> bytes:
    """A file whose 8x8 blocks have these means, 0..4095; chroma is neutral, sampled half as densely."""
    rows, columns = means.shape
    sampling = 0x22 if components == 3 else 0x11
    frame = struct.pack(">BHHB", 12, 8 * rows, 8 * columns, components)
    frame += bytes([1, sampling, 0])
    for number in range(1, components):
        frame += bytes([1 + number, 0x11, 0])
    scan = (
        bytes([components]) + b"".join(bytes([1 + n, 0]) for n in range(components)) + b"\0\x3f\0"
    )
    out = b"\xff\xd8" + segment(0xDB, b"\0" + bytes([QUANTUM]) * 64)
    out += segment(0xC4, b"\0" + bytes([0, 0, 0, 0, 16] + [0] * 11) + DC_SYMBOLS)
    out += segment(0xC4, b"\x10" + bytes([1, 1] + [0] * 14) + AC_SYMBOLS)
    if restart:
        out += segment(0xDD, struct.pack(">H", restart))
    out += segment(0xC1, frame) + segment(0xDA, scan)
    side = 2 if components == 3 else 1
    bits, last, count, number = Bits(), [0, 0, 0], 0, 0
    for y in range(0, rows, side):
        for x in range(0, columns, side):
            if restart and count == restart:
                out += bits.bytes() + bytes([0xFF, 0xD0 + number % 8])
                bits, last, count, number = Bits(), [0, 0, 0], 0, number + 1
            count += 1
            luma = [means[y + v, x + h] for v in range(side) for h in range(side)]
            for component, mean in [(0, m) for m in luma] + [
                (c, 2048) for c in range(1, components)
            ]:
                dc = round((int(mean) - 2048) * 8 / QUANTUM)
                difference = dc - last[component]
                last[component] = dc
                size = abs(difference).bit_length()
                bits.put(size, 5)
                bits.magnitude(difference, size)
                if across and component == 0:
                    bits.put(0b10, 2)
                    bits.magnitude(across, 12)
                bits.put(0, 1)
    return out + bits.bytes() + b"\xff\xd9"


MEANS = np.array([[0, 4095, 100, 2048], [3000, 17, 2500, 1]])


@pytest.mark.parametrize("components", [1, 3])
@pytest.mark.parametrize("restart", [0, 1, 3])
def test_means_of_blocks(components, restart):
    plane = deep_luma_plane(deep_jpeg(MEANS, components, restart))
    np.testing.assert_array_equal(plane, np.kron(MEANS, np.ones((8, 8), int)))


def test_a_wave_is_a_cosine():
    plane = deep_luma_plane(deep_jpeg(np.full((1, 1), 2048), across=2500))
    x = np.arange(8)
    wave = 2500 * QUANTUM / 4 * np.sqrt(0.5) * np.cos((2 * x + 1) * np.pi / 16)
    np.testing.assert_allclose(plane, np.tile(np.clip(2048 + wave, 0, 4095), (8, 1)), atol=0.6)


def test_it_is_read_with_its_depth():
    means = np.random.default_rng(0).integers(0, 4096, (4, 6))
    picture = open_picture(
        deep_jpeg(means), picture_format=FORMATS["png"], options=ReadOptions()
    ).decoded()
    assert picture.pixels.dtype == np.uint16
    np.testing.assert_allclose(picture.pixels[::8, ::8] / 65535, means / 4095, atol=1e-4)
    assert "12-bit" in picture.notes[0]


def test_what_is_damaged_or_of_another_kind_is_refused():
    file = deep_jpeg(np.random.default_rng(0).integers(0, 4096, (6, 6)))
    for length in range(0, len(file) - 2, 7):
        with pytest.raises(DamagedJpeg):
            deep_luma_plane(file[:length] + b"\xff\xd9")
    with pytest.raises(UnsupportedJpeg):
        deep_luma_plane(gray_jpeg(16, 16))
    with pytest.raises(UnreadableError):
        open_picture(
            file[:-30] + b"\xff\xd9", picture_format=FORMATS["png"], options=ReadOptions()
        ).decoded()
