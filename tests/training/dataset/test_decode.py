import io

import numpy as np
import pytest
from PIL import Image

from colorize_batch.engine.pictures.vips import pyvips
from colorize_batch.errors import UnreadableError
from colorize_batch.training.dataset.decode import decode_photo
from tests.training.photos import photo_u8


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def test_small_photographs_are_kept_exactly() -> None:
    pixels = photo_u8(60, 90, seed=1)
    decoded = decode_photo(encoded(Image.fromarray(pixels)), short_side=64, long_side=100)
    np.testing.assert_array_equal(decoded, pixels)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"short_side": 50}, (50, 100)),
        ({"long_side": 100}, (50, 100)),
        ({"short_side": 40, "long_side": 100}, (40, 80)),
        ({}, (100, 200)),
    ],
)
def test_reduced_to_the_limits(limits: dict[str, int], expected: tuple[int, int]) -> None:
    decoded = decode_photo(encoded(Image.fromarray(photo_u8(100, 200, seed=2))), **limits)
    assert decoded.shape == (*expected, 3)
    assert decoded.dtype == np.uint8


def test_turned_upright_before_measuring() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees to the right
    stored = photo_u8(40, 120, seed=3)
    decoded = decode_photo(encoded(Image.fromarray(stored), exif=exif))
    np.testing.assert_array_equal(decoded, np.rot90(stored, -1))
    assert decode_photo(encoded(Image.fromarray(stored), exif=exif), short_side=20).shape == (
        60,
        20,
        3,
    )


def test_transparent_is_put_on_white() -> None:
    rgba = np.full((40, 40, 4), 10, dtype=np.uint8)
    rgba[:, 20:, 3] = 0
    rgba[:, :20, 3] = 255
    decoded = decode_photo(encoded(Image.fromarray(rgba)))
    assert decoded[0, 0].tolist() == [10, 10, 10]
    assert decoded[0, 39].tolist() == [255, 255, 255]


def test_gray_and_sixteen_bits_become_three_channels_of_eight() -> None:
    gray = np.full((40, 40), 0x8080, dtype=np.uint16)
    decoded = decode_photo(encoded(Image.fromarray(gray)))
    assert decoded.shape == (40, 40, 3)
    assert np.all(np.abs(decoded.astype(int) - 0x80) <= 1)


def test_embedded_profile_is_converted() -> None:
    pixels = photo_u8(40, 40, seed=4)
    srgb = pyvips.Image.new_from_array(pixels)
    display_p3 = srgb.icc_transform("p3", input_profile="srgb")
    assert np.abs(display_p3.numpy().astype(int) - pixels).max() > 10

    decoded = decode_photo(display_p3.pngsave_buffer())

    assert np.abs(decoded.astype(int) - pixels).max() <= 2


@pytest.mark.parametrize("damage", ["empty", "text", "cut"])
def test_damaged_files(damage: str) -> None:
    jpeg = encoded(Image.fromarray(photo_u8(200, 200, seed=5)), "JPEG")
    bad = {"empty": b"", "text": b"not a picture" * 20, "cut": jpeg[: len(jpeg) // 2]}[damage]
    with pytest.raises(UnreadableError, match="cannot be decoded: "):
        decode_photo(bad)
