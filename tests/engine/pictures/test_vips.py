"""What libvips may do here, and how its errors are read."""

from __future__ import annotations

from threading import Thread

import numpy as np
import pytest

from colorize_batch.engine.pictures.pixel_reader import PixelReader
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.vips import LOADERS, error_text, loader_of, pyvips
from colorize_batch.errors import UnreadableError

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'


@pytest.fixture
def avif_with_a_strange_box():
    """An AVIF whose fault libvips reports with the file's own byte 0xff in the text."""
    image = pyvips.Image.new_from_array(np.full((32, 48, 3), 90, np.uint8)).copy(
        interpretation="srgb"
    )
    image.set_type(pyvips.GValue.gint_type, "orientation", 6)
    avif = image.write_to_buffer(".avif")
    assert b"irot" in avif
    return avif.replace(b"irot", b"\xffrot", 1)


def test_a_fault_whose_text_is_not_utf8_fails_alone(avif_with_a_strange_box):
    with pytest.raises(UnreadableError, match="damaged HEIF"):
        PixelReader(avif_with_a_strange_box, ReadOptions(max_pixels=10**6)).decoded()
    assert error_text() == ""
    with pytest.raises(UnreadableError, match="not a picture"):
        PixelReader(b"none at all", ReadOptions(max_pixels=10**6))


def fail_with_bytes_that_are_not_utf8():
    pyvips.Operation.call("jpegload", b"/nowhere/\xff\xfe.jpg")


def test_text_of_the_error_buffer_is_escaped_and_taken():
    with pytest.raises(pyvips.Error) as raised:
        fail_with_bytes_that_are_not_utf8()
    assert "/nowhere/\\xff\\xfe.jpg" in raised.value.detail
    assert error_text() == ""


def test_errors_of_several_threads():
    seen = []

    def fail():
        for _ in range(25):
            try:
                fail_with_bytes_that_are_not_utf8()
            except BaseException as error:  # which kind is the question
                seen.append(type(error))

    threads = [Thread(target=fail) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [pyvips.Error] * 100
    error_text()


@pytest.mark.parametrize(
    ("operation", "data"),
    [("svgload_buffer", SVG), ("csvload", b"1,2"), ("matrixload", b"1 1\n2\n"), ("vipsload", b"")],
)
def test_other_loaders_are_blocked(operation, data, tmp_path):
    if not operation.endswith("_buffer"):
        path = tmp_path / f"file.{operation.removesuffix('load')}"
        if data:
            path.write_bytes(data)
        else:
            pyvips.Image.black(2, 2).write_to_file(str(path.with_suffix(".v")))
            path = path.with_suffix(".v")
        data = str(path)
    with pytest.raises(pyvips.Error, match="is blocked"):
        pyvips.Operation.call(operation, data)


def test_formats_are_found_by_content():
    image = pyvips.Image.black(8, 8).copy(interpretation="b-w")
    found = {
        loader_of(image.write_to_buffer(suffix))
        for suffix in (".jpg", ".png", ".tif", ".webp", ".avif", ".gif")
    }
    assert found == {"Jpeg", "Png", "Tiff", "Webp", "Heif", "Nsgif"} <= set(LOADERS)
    assert loader_of(SVG) == loader_of(b"P5 1 1 255 a") == ""
