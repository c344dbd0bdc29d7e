from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorize_batch.engine.inference.working_shape import working_shape
from tests.conftest import TINY_CONTRACT

CONTRACT = dataclasses.replace(
    TINY_CONTRACT, working_multiple=32, working_min=32, working_max=1024, working_area=65536
)
SIDES = st.integers(1, 30_000)


@pytest.mark.parametrize(
    ("picture", "shape"),
    [
        ((1000, 1000), (256, 256)),
        ((3000, 4000), (224, 288)),
        ((4000, 3000), (288, 224)),
        ((1080, 1920), (192, 352)),
        ((1, 1), (256, 256)),
    ],
)
def test_usual_aspects(picture, shape):
    assert working_shape(*picture, CONTRACT) == shape


@given(SIDES, SIDES)
def test_allowed_and_near_the_area(height, width):
    working_height, working_width = working_shape(height, width, CONTRACT)
    assert working_height % 32 == working_width % 32 == 0
    assert 32 <= working_height <= 1024
    assert 32 <= working_width <= 1024
    assert 0.5 <= working_height * working_width / 65536 <= 2


@given(SIDES, SIDES)
def test_turning_the_picture_turns_the_shape(height, width):
    turned = working_shape(width, height, CONTRACT)
    upright = working_shape(height, width, CONTRACT)
    assert sorted(turned) == sorted(upright)


@given(st.integers(100, 8000), st.floats(0.4, 2.5))
def test_usual_pictures_are_hardly_squeezed(height, aspect):
    width = round(height * aspect)
    working_height, working_width = working_shape(height, width, CONTRACT)
    assert working_width / working_height == pytest.approx(width / height, rel=0.17)


def test_a_fixed_size_is_kept():
    fixed = dataclasses.replace(CONTRACT, working_area=0, working_height=224, working_width=224)
    assert working_shape(10, 4000, fixed) == (224, 224)
