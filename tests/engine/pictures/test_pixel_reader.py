from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.pictures.formats import FORMATS, format_of
from colorize_batch.engine.pictures.pixel_picture import PixelPicture
from colorize_batch.engine.pictures.pixel_reader import PixelReader
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.reader import open_picture
from colorize_batch.engine.pictures.vips import pyvips
from colorize_batch.errors import TooLargeError, UnreadableError
from colorize_batch.kernels.srgb_profile import is_srgb_profile

from .samples import FILES, HEIGHT, WIDTH, cmyk, image, pixels

MANY = 1_000_000
# What a lossy file may be off by, in 8-bit steps.
LOSSY_STEPS = 12


def read(file_bytes):
    return PixelReader(file_bytes, ReadOptions(max_pixels=MANY)).decoded()


@pytest.mark.parametrize("name", FILES)
def test_every_format_depth_and_mode(name):
    picture = read(FILES[name]())
    sixteen = "16" in name or "12" in name
    assert picture.pixels.dtype == (np.uint16 if sixteen else np.uint8)
    assert (picture.height, picture.width) == (HEIGHT, WIDTH)
    assert (picture.alpha is not None) == ("alpha" in name or "rgba" in name)
    assert picture.pixels.flags.c_contiguous
    if "cmyk" in name:
        assert picture.pixels.shape == (HEIGHT, WIDTH, 3)
        return
    if "one-bit" in name:
        assert np.array_equal(picture.pixels, (pixels(1)[:, :, 0] > 100) * np.uint8(255))
        return
    channels = 1 if "gray" in name else 3
    colors_and_alpha = channels + (picture.alpha is not None)
    expected = pixels(colors_and_alpha, picture.pixels.dtype.type)
    colors = picture.pixels.reshape(HEIGHT, WIDTH, -1)
    allowed = LOSSY_STEPS * (257 if sixteen else 1)
    lossless = name.endswith(("png", "tif")) and "palette" not in name
    off = np.abs(colors.astype(float) - expected[:, :, :channels])
    if colors.shape[2] == 3 and channels == 1:  # AVIF and WebP have no gray
        assert np.array_equal(colors[:, :, 0], colors[:, :, 1])
    if lossless:
        assert off.max() == 0
        if picture.alpha is not None:
            assert np.array_equal(picture.alpha, expected[:, :, channels])
    else:
        assert off.mean() < allowed


def test_the_first_frame_of_an_animation():
    still, animated = read(FILES["palette.gif"]()), read(FILES["animated.gif"]())
    assert np.abs(still.pixels.astype(int) - animated.pixels).mean() < LOSSY_STEPS


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_and_the_tag_is_reset(orientation):
    upright = image(3)
    for_file = {
        1: upright,
        2: upright.fliphor(),
        3: upright.rot180(),
        4: upright.flipver(),
        5: upright.rot90().fliphor(),
        6: upright.rot270(),
        7: upright.rot270().fliphor(),
        8: upright.rot90(),
    }[orientation].copy()
    for_file.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    reader = PixelReader(for_file.tiffsave_buffer(), ReadOptions(max_pixels=MANY))
    assert (reader.height, reader.width) == (HEIGHT, WIDTH)
    picture = reader.decoded()
    assert np.array_equal(picture.pixels, pixels(3))
    again = pyvips.Image.new_from_buffer(picture.encoded(FORMATS["jpg"], 0), "")
    assert not again.get_typeof("orientation") or again.get("orientation") == 1


def test_a_wide_gamut_profile_is_converted():
    # libvips ships Display P3; its saturated green lies outside sRGB, its gray does not move.
    green = (pyvips.Image.black(16, 16, bands=3) + [40, 200, 60]).cast("uchar")
    green = green.copy(interpretation="srgb")
    tagged = green.icc_transform("p3", input_profile="srgb")
    assert abs(tagged(2, 2)[0] - 40) > 20
    picture = read(tagged.pngsave_buffer())
    assert np.abs(picture.pixels[2, 2].astype(int) - [40, 200, 60]).max() <= 2
    assert picture.tag_srgb
    again = pyvips.Image.new_from_buffer(picture.encoded(FORMATS["png"], 0), "")
    assert is_srgb_profile(again.get("icc-profile-data"))


def test_cmyk_becomes_rgb_of_about_the_right_colour():
    cyan = pyvips.Image.new_from_array(np.tile(np.array([255, 0, 0, 0], np.uint8), (8, 8, 1))).copy(
        interpretation="cmyk"
    )
    red, green, blue = read(cyan.tiffsave_buffer()).pixels[4, 4]
    assert red < 100 < green < blue
    assert read(cmyk().jpegsave_buffer()).pixels.shape == (HEIGHT, WIDTH, 3)


def test_a_damaged_profile_is_passed_over():
    tagged = image(3).copy()
    tagged.set_type(pyvips.GValue.blob_type, "icc-profile-data", b"not a profile" * 20)
    assert np.array_equal(read(tagged.tiffsave_buffer()).pixels, pixels(3))


def test_metadata_is_kept():
    source = image(3).copy(xres=11.811, yres=11.811)
    source.set_type(pyvips.GValue.blob_type, "xmp-data", b"<x:xmpmeta>archive 17</x:xmpmeta>")
    source.set_type(pyvips.GValue.gstr_type, "exif-ifd0-Artist", "A. Person")
    source.set_type(pyvips.GValue.gstr_type, "exif-ifd2-UserComment", "box 4")
    picture = read(source.jpegsave_buffer())
    for name in ("jpg", "webp"):
        again = pyvips.Image.new_from_buffer(picture.encoded(FORMATS[name], 0), "")
        assert again.get("xmp-data") == b"<x:xmpmeta>archive 17</x:xmpmeta>"
        assert again.get("exif-ifd0-Artist").startswith("A. Person")
        assert "box 4" in again.get("exif-ifd2-UserComment")
    again = pyvips.Image.new_from_buffer(picture.encoded(FORMATS["jpg"], 0), "")
    assert again.xres == pytest.approx(11.811, abs=0.02)


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("name", ["gray.png", "rgba.png", "rgb-16.png", "gray-alpha-16.png"])
def test_every_format_is_written(name, target):
    picture = read(FILES[name]())
    again = read(picture.encoded(FORMATS[target], 0))
    sixteen = picture.pixels.dtype == np.uint16 and target in ("png", "tiff", "avif")
    assert again.pixels.dtype == (np.uint16 if sixteen else np.uint8)
    assert (again.alpha is not None) == (picture.alpha is not None and target != "jpg")
    if target in ("png", "tiff"):
        assert np.array_equal(again.pixels, picture.pixels)


def test_quality_changes_the_size():
    picture = read(FILES["rgb.png"]())
    for target in ("jpg", "webp", "avif"):
        low, high = (len(picture.encoded(FORMATS[target], quality)) for quality in (20, 95))
        assert low < high


@pytest.mark.parametrize("name", [n for n in FILES if not n.startswith(("one-bit", "tiled"))])
def test_truncated_files(name):
    file_bytes = FILES[name]()
    with pytest.raises(UnreadableError, match="truncated or damaged|not a picture"):
        read(file_bytes[: len(file_bytes) // 2])


def test_empty_and_foreign_files():
    with pytest.raises(UnreadableError, match="empty"):
        read(b"")
    with pytest.raises(UnreadableError, match="not a picture but a text file; expected JPEG"):
        read(b"Dear diary, nothing here is a picture.")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
    with pytest.raises(UnreadableError, match="not a picture but an SVG drawing"):
        read(svg)


@pytest.mark.parametrize(
    ("format_name", "scale"), [("float", 1 / 255), ("short", 128), ("uint", 2**24)]
)
def test_other_number_types_become_16_bits(format_name, scale):
    deep = read((image(1) * scale).cast(format_name).tiffsave_buffer())
    assert deep.pixels.dtype == np.uint16
    assert np.abs(deep.pixels / 257 - pixels(1)[:, :, 0]).max() < 1.1


def test_a_bomb_is_refused_by_its_header():
    bomb = pyvips.Image.black(5000, 5000).pngsave_buffer()
    with pytest.raises(TooLargeError, match="5000 x 5000 pixels.*--max-pixels"):
        PixelReader(bomb, ReadOptions(max_pixels=MANY))


def test_format_of_a_name(tmp_path):
    assert format_of(tmp_path / "a.JPEG").name == "jpg"
    assert format_of(tmp_path / "a.tif").name == "tiff"
    assert format_of(tmp_path / "a.gif").name == "png"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_transparent_becomes_white_where_there_is_no_alpha(dtype):
    most = np.iinfo(dtype).max
    alpha = np.zeros((16, 32), dtype)
    alpha[:, :16] = most
    picture = PixelPicture(pixels=np.full((16, 32), most // 4, dtype), alpha=alpha)
    jpeg = picture.encoded(FORMATS["jpg"], 95)
    found = PixelReader(jpeg, ReadOptions(max_pixels=10**6)).decoded().pixels.astype(int)
    assert abs(found[:, :8] - 64).max() <= 2
    assert found[:, 24:].min() >= 253


@pytest.mark.parametrize("name", ["gray.jpg", "gray.png", "rgb-16.tif"])
def test_a_negative_is_turned_around(name: str) -> None:
    file_bytes = FILES[name]()
    jpg = FORMATS["jpg"] if name.endswith("jpg") else FORMATS["png"]
    plain, turned = (
        open_picture(
            file_bytes, picture_format=jpg, options=ReadOptions(invert=invert), keep_luma=False
        )
        .decoded()
        .pixels
        for invert in (False, True)
    )
    np.testing.assert_array_equal(turned, np.iinfo(plain.dtype).max - plain)
    kept = open_picture(file_bytes, picture_format=jpg, options=ReadOptions(invert=True))
    np.testing.assert_array_equal(kept.decoded().pixels, turned)
