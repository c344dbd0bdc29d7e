import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from colorize_batch.errors import DatasetError, UnreadableError
from colorize_batch.training.dataset.compact import compact_photo
from colorize_batch.training.dataset.compact_pixels import pixels_of_compact
from tests.training.photos import photo_u8


def jpeg(pixels: np.ndarray, **options: object) -> bytes:
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, "JPEG", quality=95, **options)
    return stored.getvalue()


def test_what_is_compact_already_is_kept() -> None:
    encoded = jpeg(photo_u8(60, 80, seed=1))
    assert compact_photo(encoded, short_side=60) == (encoded, 60, 80)


def test_large_ones_are_reduced() -> None:
    written, height, width = compact_photo(jpeg(photo_u8(120, 160, seed=1)), short_side=60)
    assert (height, width) == (60, 80)
    assert pixels_of_compact(written).shape == (60, 80, 3)


def test_pictures_on_their_side_are_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    written, height, width = compact_photo(jpeg(photo_u8(60, 80, seed=1), exif=exif), short_side=60)
    assert (height, width) == (80, 60)
    assert pixels_of_compact(written).shape == (80, 60, 3)


def test_profiles_are_converted() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    encoded = jpeg(photo_u8(60, 80, seed=1), icc_profile=profile)
    written, *_ = compact_photo(encoded, short_side=60)
    assert written[:4] == b"RIFF"
    error = np.abs(pixels_of_compact(written).astype(float) - pixels_of_compact(encoded))
    assert error.mean() < 5


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_colour_spaces_become_srgb(mode: str) -> None:
    stored = io.BytesIO()
    Image.fromarray(photo_u8(60, 80, seed=1)).convert(mode).save(stored, "JPEG")
    written, *_ = compact_photo(stored.getvalue(), short_side=60)
    assert written[:4] == b"RIFF"
    assert pixels_of_compact(written).shape == (60, 80, 3)


def test_damage() -> None:
    encoded = jpeg(photo_u8(200, 200, seed=1))
    with pytest.raises(UnreadableError):
        compact_photo(encoded[: len(encoded) // 2], short_side=200)
    for damaged in (b"", b"no picture", encoded[: len(encoded) // 2]):
        with pytest.raises(DatasetError, match="the cache is damaged"):
            pixels_of_compact(damaged)


def test_png_is_not_kept(tmp_path: Path) -> None:
    Image.fromarray(photo_u8(60, 80, seed=1)).save(tmp_path / "one.png")
    written, *_ = compact_photo((tmp_path / "one.png").read_bytes(), short_side=60)
    assert written[:4] == b"RIFF"
