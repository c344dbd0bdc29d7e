from __future__ import annotations

import numpy as np

from colorize_batch.engine.batch.picture_stages import Prepared
from colorize_batch.engine.batch.plane_batches import PlaneBatches, answered, failed
from colorize_batch.engine.pictures.pixel_picture import PixelPicture
from colorize_batch.engine.pictures.preparation.box import Box
from colorize_batch.engine.pictures.preparation.prepare import PreparedPicture, View

PICTURE = PixelPicture(pixels=np.zeros((8, 8), np.uint8))


def prepared(*sizes: tuple[int, int]) -> Prepared:
    views = tuple(
        View(
            l_planes=(np.zeros(size, np.float32),),
            box=Box(0, number / len(sizes), 1, (number + 1) / len(sizes)),
            chroma_gain=1.0,
        )
        for number, size in enumerate(sizes)
    )
    return Prepared(PICTURE, PreparedPicture(views=views))


def test_planes_of_several_pictures_share_a_batch_and_come_back_in_order() -> None:
    batches: PlaneBatches[str] = PlaneBatches(3)
    assert batches.add("page", prepared((4, 4), (4, 6), (4, 4))) == []
    (full,) = batches.add("single", prepared((4, 4)))
    assert [(p.picture.key, p.number) for p in full] == [("page", 0), ("page", 2), ("single", 0)]
    complete = answered(full, [np.full((2, 2, 2), n, np.float32) for n in range(3)])
    assert [picture.key for picture in complete] == ["single"]
    (page,) = answered(batches.pop_largest(), [np.full((2, 2, 3), 9, np.float32)])
    assert [float(ab[0, 0, 0]) for ab in page.in_order()] == [0, 9, 1]
    assert len(batches) == 0
    assert batches.pop_largest() == []


def test_a_picture_fails_once_and_does_not_come_back() -> None:
    batches: PlaneBatches[str] = PlaneBatches(1)
    first, second = batches.add("page", prepared((4, 4), (4, 4)))
    assert failed(first) == ["page"]
    assert failed(second) == []
    assert answered(second, [np.zeros((2, 2, 2), np.float32)]) == []
