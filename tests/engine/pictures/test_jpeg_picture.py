from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.pictures.formats import FORMATS
from colorize_batch.engine.pictures.jpeg_picture import JpegPicture
from colorize_batch.engine.pictures.look import Look
from colorize_batch.engine.pictures.orientation import as_stored, is_turned, upright
from colorize_batch.engine.pictures.pixel_picture import PixelPicture
from colorize_batch.engine.pictures.pixel_reader import PixelReader
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.reader import open_picture
from colorize_batch.engine.pictures.vips import pyvips
from colorize_batch.errors import TooLargeError, UnreadableError
from colorize_batch.kernels.jpeg import JpegFile
from colorize_batch.kernels.reference import lab_from_srgb

from .samples import FILES, HEIGHT, WIDTH, image

MANY = 10**6
JPG = FORMATS["jpg"]


def open_jpeg(file_bytes: bytes, picture_format=JPG):
    return open_picture(
        file_bytes, picture_format=picture_format, options=ReadOptions(max_pixels=MANY)
    ).decoded()


def pixels_of(file_bytes: bytes) -> np.ndarray:
    return PixelReader(file_bytes, ReadOptions(max_pixels=MANY)).decoded().pixels


def oriented_jpeg(orientation: int) -> bytes:
    """A gray JPEG that looks like `image(1)` once it is turned."""
    stored = image(1)
    if orientation in (5, 6, 7, 8):
        stored = {5: stored.rot90().fliphor(), 6: stored.rot270(), 7: stored.rot270().fliphor(), 8: stored.rot90()}[orientation]  # fmt: skip
    elif orientation > 1:
        stored = {2: stored.fliphor(), 3: stored.rot180(), 4: stored.flipver()}[orientation]
    stored = stored.copy()
    stored.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    return stored.jpegsave_buffer(Q=95)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_there_and_back(orientation):
    stored = np.arange(12).reshape(3, 4, 1)
    turned = upright(stored, orientation)
    assert is_turned(orientation) == (turned.shape[0] == 4)
    assert np.array_equal(as_stored(turned, orientation), stored)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_colour_lands_where_it_was_predicted_and_the_tag_stays(orientation):
    picture = open_jpeg(oriented_jpeg(orientation))
    assert isinstance(picture, JpegPicture)
    assert (picture.height, picture.width) == (HEIGHT, WIDTH)
    expected_l = PixelPicture(pixels=np.ascontiguousarray(pixels_of(oriented_jpeg(orientation))))
    l_plane = picture.l_plane(12, 18)
    assert np.abs(l_plane - expected_l.l_plane(12, 18)).mean() < 1.5
    ab_planes = np.zeros((2, 12, 18), np.float32)
    ab_planes[0, :6, :9] = 40
    colored = picture.recolored(ab_planes, Look(upsample="bilinear")).encoded(JPG, 95)
    assert JpegFile(colored).orientation == orientation
    a = lab_from_srgb(pixels_of(colored) / 255)[:, :, 1]
    assert a[2:9, 3:14].mean() > 15
    assert abs(a[15:, 22:].mean()) < 3


@pytest.mark.parametrize("chroma", ["420", "444"])
@pytest.mark.parametrize("name", ["gray.jpg", "rgb.jpg", "progressive.jpg"])
def test_luma_is_untouched(name, chroma):
    source = FILES[name]()
    picture = open_jpeg(source)
    ab_planes = np.full((2, 8, 12), 15, np.float32)
    colored = picture.recolored(ab_planes, Look(chroma=chroma)).encoded(JPG, 0)
    before, after = JpegFile(source), JpegFile(colored)
    assert np.array_equal(before.luma_coefficients(), after.luma_coefficients())
    assert np.array_equal(before.luma_quantization(), after.luma_quantization())
    assert after.sampling[0] == ((2, 2) if chroma == "420" else (1, 1))


def test_both_roads_give_about_the_same_colour():
    source = FILES["gray.jpg"]()
    ab_planes = np.zeros((2, 6, 9), np.float32)
    ab_planes[0], ab_planes[1] = 12, -18
    by_coefficients = open_jpeg(source).recolored(ab_planes, Look()).encoded(JPG, 0)
    by_pixels = open_jpeg(source, FORMATS["png"]).recolored(ab_planes, Look())
    lab = [
        lab_from_srgb(pixels / 255.0) for pixels in (pixels_of(by_coefficients), by_pixels.pixels)
    ]
    # Luma and lightness of a colour differ a little; hue and chroma must agree.
    assert np.abs(lab[0][..., 1:] - lab[1][..., 1:]).mean() < 3
    assert np.abs(lab[0][..., 0] - lab[1][..., 0]).mean() < 2


def test_other_targets_and_rare_kinds_take_the_pixel_path():
    assert isinstance(open_jpeg(FILES["gray.jpg"](), FORMATS["png"]), PixelPicture)
    assert isinstance(open_jpeg(FILES["gray.jpg"](), None), PixelPicture)
    assert isinstance(open_jpeg(FILES["cmyk.jpg"]()), PixelPicture)


def test_damaged_and_too_large():
    source = FILES["rgb.jpg"]()
    with pytest.raises(UnreadableError, match="truncated or damaged"):
        open_jpeg(source[: len(source) * 2 // 3])
    with pytest.raises(TooLargeError, match="--max-pixels"):
        open_picture(source, picture_format=JPG, options=ReadOptions(max_pixels=10))


def test_is_in_color():
    assert not open_jpeg(FILES["gray.jpg"]()).is_in_color()
    assert open_jpeg(FILES["rgb.jpg"]()).is_in_color()
    gray_as_rgb = image(1).colourspace("srgb").jpegsave_buffer(Q=90)
    assert not open_jpeg(gray_as_rgb).is_in_color()


def test_without_the_native_module(monkeypatch):
    from colorize_batch.kernels import jpeg

    monkeypatch.setattr(jpeg, "AVAILABLE", False)
    assert isinstance(open_jpeg(FILES["gray.jpg"]()), PixelPicture)


@pytest.mark.parametrize(
    ("height", "width", "shrink"), [(1024, 1024, 4), (1023, 1100, 2), (1100, 1023, 2)]
)
def test_chroma_is_of_a_quarter_from_1024_pixels_on(height, width, shrink):
    gray = pyvips.Image.black(width, height).jpegsave_buffer(Q=50)
    picture = open_picture(
        gray, picture_format=JPG, options=ReadOptions(max_pixels=10**7)
    ).decoded()
    ab_planes = np.zeros((2, 8, 8), np.float32)
    assert picture.recolored(ab_planes, Look()).shrink == shrink
    assert picture.recolored(ab_planes, Look(chroma="444")).shrink == 1
