"""Files of several pages and frames."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from colorize_batch.engine.pictures.formats import FORMATS
from colorize_batch.engine.pictures.look import Look
from colorize_batch.engine.pictures.paged_picture import PagedPicture
from colorize_batch.engine.pictures.picture import Picture
from colorize_batch.engine.pictures.pixel_reader import PixelReader
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.reader import open_picture

RAMP = np.tile(np.linspace(30, 220, 40).astype(np.uint8), (30, 1))
PAGES = [RAMP, RAMP[:, ::-1], np.ascontiguousarray(RAMP.T)]


def tiff(**options: object) -> bytes:
    first, *others = [Image.fromarray(page) for page in PAGES]
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=others, dpi=(300, 300), **options)
    return file.getvalue()


def webp() -> bytes:
    first, *others = [Image.fromarray(page).convert("RGB") for page in PAGES[:2]]
    file = io.BytesIO()
    first.save(file, "WEBP", save_all=True, append_images=others, duration=80, lossless=True)
    return file.getvalue()


def opened(source: bytes, target: str, **options: bool) -> Picture:
    return open_picture(
        source, picture_format=FORMATS[target], options=ReadOptions(**options)
    ).decoded()


def test_a_tiff_of_pages_stays_one():
    picture = opened(tiff(compression="tiff_lzw"), "tiff")
    assert isinstance(picture, PagedPicture)
    planes = [np.full((2, 3, 3), 8 * n, np.float32) for n in range(3)]
    written = picture.recolored_pages(planes, [Look()] * 3).encoded(FORMATS["tiff"], 0)
    with Image.open(io.BytesIO(written)) as again:
        assert again.n_frames == 3
        for number, page in enumerate(PAGES):
            again.seek(number)
            assert again.size == page.shape[::-1]
            assert again.mode == "RGB"
            assert again.info["dpi"] == (300, 300)
            gray = np.asarray(again.convert("L")).astype(int)
            assert np.abs(gray - page).mean() < 6
        assert np.ptp(np.asarray(again)[10, 10].astype(int)) > 5  # the third page has colour


def test_what_is_left_out_is_noted():
    for source, target, note in (
        (tiff(), "jpg", "2 further pages of it are left out; --format tiff keeps them"),
        (webp(), "webp", "1 further frame of it is left out; --frames all"),
    ):
        picture = opened(source, target)
        recolored = picture.recolored(np.zeros((2, 2, 2), np.float32), Look())
        assert recolored.notes[0].startswith(note)


def test_frames_of_an_animation():
    picture = opened(webp(), "webp", all_frames=True)
    assert isinstance(picture, PagedPicture)
    planes = [np.zeros((2, 2, 2), np.float32)] * 2
    written = picture.recolored_pages(planes, [Look()] * 2).encoded(FORMATS["webp"], 0)
    with Image.open(io.BytesIO(written)) as again:
        assert again.n_frames == 2
        again.seek(1)
        again.load()
        assert again.info["duration"] == 80


def with_subfile_types(*types: int) -> bytes:
    """A TIFF whose pages state these kinds (NewSubfileType)."""
    out = bytearray(tiff(tiffinfo={254: 0}))
    at = int.from_bytes(out[4:8], "little")
    for kind in types:
        count = int.from_bytes(out[at : at + 2], "little")
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            if int.from_bytes(out[entry : entry + 2], "little") == 254:
                out[entry + 8 : entry + 12] = kind.to_bytes(4, "little")
        at = int.from_bytes(out[at + 2 + 12 * count :][:4], "little")
    return bytes(out)


def test_thumbnails_are_not_pages():
    reader = PixelReader(with_subfile_types(1), ReadOptions())
    assert reader.pages in (2, 3)  # Pillow writes the field into the first page only, or into all
    assert np.array_equal(reader.decoded().pixels, PAGES[1])


@pytest.mark.parametrize("page", [0, 1, 2])
def test_each_page_by_its_number(page):
    reader = PixelReader(tiff(), ReadOptions(), page=page)
    assert np.array_equal(reader.decoded().pixels, PAGES[page])
