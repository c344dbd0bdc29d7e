import numpy as np
import pytest

from colorize_batch.engine.inference.working_shape import working_shape
from colorize_batch.errors import UsageError
from colorize_batch.export.parity import parity_pictures as module
from colorize_batch.export.parity.parity_pictures import MOST_PICTURES, parity_pictures
from tests.conftest import TINY_CONTRACT


def test_of_a_folder(write_pictures, tmp_path):
    write_pictures(tmp_path / "photos" / "a", 2)
    write_pictures(tmp_path / "photos" / "b", 1, ".png")
    (tmp_path / "photos" / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    pictures = parity_pictures(TINY_CONTRACT, tmp_path / "photos")
    assert [picture.gray.pixels.shape for picture in pictures] == [(40, 60)] * 3
    expected = working_shape(40, 60, TINY_CONTRACT)
    assert {picture.l_batch.shape for picture in pictures} == {(1, 1, *expected)}
    assert {picture.l_batch.dtype for picture in pictures} == {np.dtype(np.float32)}


def test_gray_values_are_those_of_the_file(write_pictures, tmp_path, gray_u8):
    write_pictures(tmp_path, 1, ".png")
    (picture,) = parity_pictures(TINY_CONTRACT, tmp_path)
    np.testing.assert_array_equal(picture.gray.pixels, gray_u8)


def test_large_pictures_are_reduced(write_pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_AREA", 20 * 30)
    write_pictures(tmp_path, 1)
    (picture,) = parity_pictures(TINY_CONTRACT, tmp_path)
    assert picture.gray.pixels.shape == (20, 30)


def test_not_more_than_needed(write_pictures, tmp_path):
    write_pictures(tmp_path, MOST_PICTURES + 3)
    assert len(parity_pictures(TINY_CONTRACT, tmp_path)) == MOST_PICTURES


def test_made_up_ones_where_there_are_no_examples(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_EXAMPLES", tmp_path / "none")
    first, second = parity_pictures(TINY_CONTRACT), parity_pictures(TINY_CONTRACT)
    assert len(first) == 4
    assert all(picture.l_batch.std() > 5 for picture in first)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.gray.pixels, other.gray.pixels)


@pytest.mark.parametrize("name", ["", "none"])
def test_a_folder_without_pictures(tmp_path, name):
    with pytest.raises(UsageError, match="expected a folder with pictures, found none to read"):
        parity_pictures(TINY_CONTRACT, tmp_path / name)
