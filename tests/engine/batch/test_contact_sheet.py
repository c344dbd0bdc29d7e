from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.batch.contact_sheet import write_before_after_sheet, write_contact_sheet
from colorize_batch.engine.pictures.pixel_reader import PixelReader
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.errors import UsageError

RED = np.full((30, 40, 3), (200, 0, 0), np.uint8)
BLUE = np.full((90, 20, 3), (0, 0, 200), np.uint8)


def pixels_of(path):
    return PixelReader(path.read_bytes(), ReadOptions(max_pixels=10**8)).decoded().pixels


def test_pictures_stand_where_they_belong(tmp_path):
    path = tmp_path / "sheet.png"
    rows = [("one & <two>", [RED, None]), ("", [None, BLUE]), ("three", [RED, BLUE])]
    write_contact_sheet(rows, path, ["left", "right"], cell_height=60)
    sheet = pixels_of(path)
    half = sheet.shape[1] // 2
    is_red = (sheet == RED[0, 0]).all(axis=2)
    is_blue = (sheet == BLUE[0, 0]).all(axis=2)
    assert is_red[:, :half].sum() == 2 * 60 * 80
    assert not is_red[:, half:].any()
    assert is_blue[:, half:].sum() == 2 * 60 * 13
    assert not is_blue[:, :half].any()


def test_rows_beside_each_other(tmp_path):
    rows = [(str(index), [RED]) for index in range(5)]
    for across, name in ((1, "one.jpg"), (2, "two.jpg")):
        write_contact_sheet(rows, tmp_path / name, ["x"], across=across)
    one, two = (pixels_of(tmp_path / name).shape for name in ("one.jpg", "two.jpg"))
    assert two[1] > 1.9 * one[1]
    assert two[0] < 0.7 * one[0]


def test_before_and_after_shows_the_source_in_gray(tmp_path, write_pictures):
    source, output = write_pictures(tmp_path, 2)
    write_before_after_sheet(
        [(source, output), (source, tmp_path / "gone.jpg")], tmp_path / "s.png"
    )
    assert pixels_of(tmp_path / "s.png").shape[2] == 3


def test_wrong_requests(tmp_path):
    with pytest.raises(UsageError, match="must end in"):
        write_contact_sheet([("", [RED])], tmp_path / "a.webp", ["x"])
    with pytest.raises(UsageError, match="at least one picture"):
        write_contact_sheet([], tmp_path / "a.png", ["x"])
