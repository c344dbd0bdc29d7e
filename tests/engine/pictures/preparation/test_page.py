from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.pictures.preparation.page import find_prints, may_be_page

from .scenes import board, photograph, text_lines


def on_board(board_l: float, box: tuple[int, int, int, int], size=(384, 384), seed=0):
    page = board(*size, board_l)
    top, left, bottom, right = box
    page[top:bottom, left:right] = photograph(bottom - top, right - left, seed)
    return page


def pixels(outline, page) -> tuple[int, ...]:
    rows, columns = outline.box.pixels(*page.shape)
    return rows.start, columns.start, rows.stop, columns.stop


@pytest.mark.parametrize("board_l", [3.0, 30.0, 52.0, 70.0, 93.0])
def test_a_print_on_a_board_is_found_to_a_block(board_l: float) -> None:
    box = (96, 80, 256, 300)
    page = on_board(board_l, box)
    found = find_prints(page)
    assert may_be_page(page)
    assert len(found.prints) == 1
    assert np.abs(np.subtract(pixels(found.prints[0], page), box)).max() <= 4


def test_each_print_of_an_album_page_is_found_the_largest_first() -> None:
    page = board(320, 384, 90.0)
    boxes = [(20, 20, 150, 180), (20, 204, 140, 364), (176, 20, 300, 180), (176, 204, 300, 364)]
    for seed, (top, left, bottom, right) in enumerate(boxes):
        page[top:bottom, left:right] = photograph(bottom - top, right - left, seed)
    prints = find_prints(page).prints
    assert len(prints) == 4
    assert [p.area for p in prints] == sorted((p.area for p in prints), reverse=True)
    mask = np.zeros(page.shape, bool)
    for outline in prints:
        mask |= outline.mask(*page.shape)
    expected = np.zeros(page.shape, bool)
    for top, left, bottom, right in boxes:
        expected[top:bottom, left:right] = True
    assert (mask == expected).mean() > 0.96


def test_a_print_that_leans_has_leaning_edges() -> None:
    page = board(384, 384, 45.0)
    y, x = np.mgrid[:384, :384].astype(float)
    slope = 0.05
    inside = (
        (y > 90 + slope * x) & (y < 270 + slope * x) & (x > 100 - slope * y) & (x < 310 - slope * y)
    )
    page[inside] = photograph(384, 384)[inside]
    (found,) = find_prints(page).prints
    assert (found.mask(384, 384) == inside).mean() > 0.97


def test_an_oval_print_is_found() -> None:
    page = board(384, 300, 92.0)
    y, x = np.mgrid[:384, :300]
    inside = ((y - 190) / 150) ** 2 + ((x - 150) / 110) ** 2 <= 1
    page[inside] = photograph(384, 300)[inside]
    (found,) = find_prints(page).prints
    assert not found.edges
    assert (found.mask(384, 300) == inside).mean() > 0.97


@pytest.mark.parametrize("board_l", [2.0, 96.0])
def test_bars_above_and_below_are_margins(board_l: float) -> None:
    page = on_board(board_l, (48, 0, 168, 384), (216, 384))
    (found,) = find_prints(page).prints
    assert np.abs(np.subtract(pixels(found, page), (48, 0, 168, 384))).max() <= 4


def test_lettering_on_a_film_border_is_no_print() -> None:
    page = on_board(4.0, (40, 40, 344, 344))
    page[12:22, 60:140:5] = 80
    (found,) = find_prints(page).prints
    assert np.abs(np.subtract(pixels(found, page), (40, 40, 344, 344))).max() <= 4


def test_cards_and_a_wedge_beside_a_photograph_are_no_prints() -> None:
    page = on_board(11.0, (20, 20, 260, 220), (340, 384))
    page[20:130, 250:360] = 50
    page[140:250, 250:360] = 78
    for step in range(11):
        page[285:325, 20 + 31 * step : 51 + 31 * step] = 100 - 9 * step
    (found,) = find_prints(page).prints
    assert np.abs(np.subtract(pixels(found, page), (20, 20, 260, 220))).max() <= 4


def test_text_around_a_photograph_is_left_out() -> None:
    page = on_board(94.0, (28, 28, 180, 256), (384, 284))
    text_lines(page, 196, 24, 370, 260)
    (found,) = find_prints(page).prints
    assert np.abs(np.subtract(pixels(found, page), (28, 28, 180, 256))).max() <= 4


def test_a_page_of_text_is_line_work() -> None:
    page = board(384, 284, 94.0)
    text_lines(page, 30, 24, 360, 260)
    found = find_prints(page)
    assert found.is_line_work
    assert not found.prints


def test_a_photograph_that_fills_the_picture_is_no_page() -> None:
    for seed in range(8):
        plane = photograph(384, 288, seed)
        found = find_prints(plane)
        assert not found.prints
        assert not found.is_line_work


def test_a_head_before_a_gray_wall_is_no_print() -> None:
    plane = board(384, 288, 55.0)
    y, x = np.mgrid[:384, :288]
    head = ((y - 150) / 75) ** 2 + ((x - 144) / 55) ** 2 <= 1
    shoulders = ((y - 384) / 170) ** 2 + ((x - 144) / 125) ** 2 <= 1
    plane[head | shoulders] = photograph(384, 288)[head | shoulders]
    found = find_prints(plane)
    assert not found.prints
    assert not found.is_line_work


def test_a_gray_sky_over_the_sea_is_no_margin() -> None:
    plane = board(288, 384, 70.0)
    plane[150:] = photograph(138, 384)
    assert not find_prints(plane).prints


def test_an_empty_frame_is_nothing() -> None:
    found = find_prints(board(288, 384, 52.0))
    assert not found.prints
    assert not found.is_line_work
