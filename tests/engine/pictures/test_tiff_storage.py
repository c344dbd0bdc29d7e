from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.pictures.formats import FORMATS
from colorize_batch.engine.pictures.look import Look
from colorize_batch.engine.pictures.metadata.tiff_directory import pages_of
from colorize_batch.engine.pictures.pixel_reader import PixelReader
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.tiff_storage import TiffStorage
from colorize_batch.engine.pictures.vips import pyvips

AB = np.full((2, 8, 8), 15, np.float32)


def tiff(bits: int = 8, **options: object) -> bytes:
    y, x = np.mgrid[:300, :400]
    gray = (128 + 60 * np.sin(x / 30) + 50 * np.cos(y / 25)).clip(0, 255).astype(np.uint8)
    image = pyvips.Image.new_from_array(gray).copy(interpretation="b-w")
    if bits == 16:
        image = (image.cast("ushort") * 257).cast("ushort").copy(interpretation="grey16")
    return bytes(image.tiffsave_buffer(**options))


def colorized(file_bytes: bytes) -> bytes:
    picture = PixelReader(file_bytes, ReadOptions()).decoded()
    return picture.recolored(AB, Look()).encoded(FORMATS["tiff"], 0)


@pytest.mark.parametrize("compression", ["none", "lzw", "deflate", "jpeg", "packbits"])
def test_compression_is_that_of_the_source(compression: str) -> None:
    source = tiff(compression=compression)
    number = pages_of(source)[0].number(259)
    made = colorized(source)
    (page,) = pages_of(made)
    assert page.number(259) == number
    assert PixelReader(made, ReadOptions()).decoded().pixels.shape == (300, 400, 3)


def test_jpeg_inside_stays_small() -> None:
    source = tiff(compression="jpeg", Q=85)
    assert len(colorized(source)) < 4 * len(source)


@pytest.mark.parametrize("bits", [8, 16])
def test_tiles_and_smaller_copies_are_kept(bits: int) -> None:
    source = tiff(bits, tile=True, tile_width=128, tile_height=64, pyramid=True)
    levels = [page.number(256) for page in pages_of(source)]
    assert len(levels) > 1
    made = colorized(source)
    pages = pages_of(made)
    assert [page.number(256) for page in pages] == levels
    assert {(page.number(322), page.number(323)) for page in pages} == {(128, 64)}
    assert [page.number(254) & 1 for page in pages] == [0] + [1] * (len(pages) - 1)
    for number, width in enumerate(levels):
        level = pyvips.Image.new_from_buffer(made, "", page=number)
        assert level.width == width
        assert abs(level[0].avg() - level[2].avg()) > 2
    assert PixelReader(made, ReadOptions()).pages == 1


def test_strips_stay_strips_and_bits_are_not_lost() -> None:
    made = colorized(tiff(16, compression="lzw"))
    (page,) = pages_of(made)
    assert 322 not in page.values
    assert set(page.numbers(258)) == {16}


def test_one_bit_and_unknown_compressions_become_deflate() -> None:
    storage = TiffStorage.of(
        source := tiff(compression="ccittfax4", bitdepth=1), pages_of(source)[0]
    )
    assert storage == TiffStorage()
    assert (
        TiffStorage(compression="jpeg").save_options(90, sixteen=True)["compression"] == "deflate"
    )
