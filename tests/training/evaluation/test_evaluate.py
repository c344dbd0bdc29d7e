import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from colorize_batch.engine.inference.backend import Backend
from colorize_batch.engine.inference.contract import ModelContract
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.engine.pictures.preparation.preparation_options import PreparationOptions
from colorize_batch.errors import DatasetError
from colorize_batch.kernels.reference import lab_from_srgb, resize_area
from colorize_batch.training.dataset.find_photos import find_photos
from colorize_batch.training.evaluation.evaluate import evaluate
from colorize_batch.training.evaluation.metrics import ColorMetrics
from colorize_batch.training.evaluation.scores import CONSTANT, GRAY, MODEL, PhotoScore, Summary
from tests.training.photos import write_photo


class Clairvoyant:
    """A back end that knows the one photograph's colours."""

    device = "cpu"
    callers = 1
    preferred_batch_size = 1

    def __init__(self, contract: ModelContract, true_u8: NDArray[np.uint8]) -> None:
        self.contract = contract
        self._true_u8 = true_u8
        self.asked: list[tuple[int, ...]] = []

    def infer(self, l_batch: NDArray[np.float32]) -> NDArray[np.float32]:
        self.asked.append(l_batch.shape)
        height, width = self._true_u8.shape[:2]
        small = resize_area(self._true_u8 / 255, height // 2, width // 2)
        ab_planes: NDArray[np.float32] = lab_from_srgb(small)[..., 1:].astype(np.float32)
        return np.moveaxis(ab_planes, -1, 0)[np.newaxis]

    def interrupt(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def tiny_backend(tiny_model: Path) -> Iterator[Backend]:
    with closing(open_backend(tiny_model, device="cpu")) as backend:
        yield backend


def test_knowing_the_colours_beats_the_baselines(tiny_backend: Backend, tmp_path: Path) -> None:
    true_u8 = write_photo(tmp_path / "one.png", 96, 128, seed=3)
    backend = Clairvoyant(tiny_backend.contract, true_u8)

    # Its colours are the picture's own: not those of one with more contrast, which it would be shown.
    as_is = PreparationOptions(as_is=True)
    photos = find_photos([str(tmp_path)])
    (photo,) = evaluate(backend, photos, preparation=as_is, mean_ab=(2.0, 8.0))

    metrics = photo.score.metrics
    assert set(metrics) == {MODEL, GRAY, CONSTANT}
    assert metrics[MODEL].ciede2000 < 0.35 * metrics[GRAY].ciede2000
    assert metrics[MODEL].ciede2000 < 0.35 * metrics[CONSTANT].ciede2000
    assert metrics[MODEL].psnr_db > metrics[GRAY].psnr_db
    assert metrics[GRAY].colorfulness < 1 < metrics[CONSTANT].colorfulness
    np.testing.assert_array_equal(photo.true_u8, true_u8)
    assert backend.asked == [(1, 1, 48, 64)]  # 64 x 64 pixels were best, 4 to 3 comes first


def test_pictures_are_prepared_as_users_have_them(tiny_backend: Backend, tmp_path: Path) -> None:
    true_u8 = write_photo(tmp_path / "one.png", 96, 128, seed=3)
    faded_u8 = (100 + true_u8 // 4).astype(np.uint8)
    Image.fromarray(faded_u8).save(tmp_path / "one.png")
    chroma = []
    for as_is in (True, False):
        backend = Clairvoyant(tiny_backend.contract, true_u8)
        options = PreparationOptions(as_is=as_is)
        (photo,) = evaluate(backend, find_photos([str(tmp_path)]), preparation=options)
        chroma.append(photo.score.metrics[MODEL].colorfulness)
    # A print that has lost its contrast has lost its colours.
    assert chroma[1] < 0.5 * chroma[0]


def test_long_side_limits_the_comparison(tiny_backend: Backend, tmp_path: Path) -> None:
    write_photo(tmp_path / "one.png", 100, 200, seed=3)
    (photo,) = evaluate(tiny_backend, find_photos([str(tmp_path)]), long_side=80)
    assert photo.true_u8.shape == (40, 80, 3)
    assert {rgb_u8.shape for rgb_u8 in photo.colored.values()} == {(40, 80, 3)}
    assert CONSTANT not in photo.score.metrics


def test_corrupt_pictures_are_skipped(tiny_backend: Backend, tmp_path: Path) -> None:
    write_photo(tmp_path / "a.png", 40, 40, seed=3)
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    skipped: dict[str, str] = {}
    photos = evaluate(tiny_backend, find_photos([str(tmp_path)]), on_skip=skipped.__setitem__)
    assert [photo.score.name for photo in photos] == ["a.png"]
    assert list(skipped) == ["b.jpg"]


def test_summary_averages_over_photographs(tiny_backend: Backend, photo_dir: Path) -> None:
    scores = [photo.score for photo in evaluate(tiny_backend, find_photos([str(photo_dir)]))]
    summary = Summary.of(scores)
    assert summary.photos == 12
    for method in (MODEL, GRAY):
        for name in (
            "ciede2000",
            "psnr_db",
            "ssim",
            "colorfulness",
            "colorfulness_gap",
            "blotches",
        ):
            expected = np.mean([getattr(score.metrics[method], name) for score in scores])
            assert getattr(summary.metrics[method], name) == pytest.approx(expected)
    assert summary.true_blotches == pytest.approx(np.mean([each.true_blotches for each in scores]))
    ratio = summary.metrics[MODEL].ciede2000 / summary.metrics[GRAY].ciede2000
    assert summary.gain_over(GRAY) == pytest.approx(1 - ratio)


def test_what_cannot_be_measured_on_one_is_averaged_over_the_others() -> None:
    scores = [
        PhotoScore(
            name=str(index),
            metrics={
                MODEL: ColorMetrics(
                    ciede2000=9.0,
                    psnr_db=20.0,
                    ssim=0.9,
                    colorfulness=30.0,
                    colorfulness_gap=5.0,
                    blotches=blotches,
                    bleeding=math.nan,
                )
            },
            true_colorfulness=35.0,
            true_blotches=math.nan,
        )
        for index, blotches in enumerate((2.0, math.nan, 4.0))
    ]
    summary = Summary.of(scores)
    assert summary.metrics[MODEL].blotches == pytest.approx(3.0)
    assert math.isnan(summary.metrics[MODEL].bleeding)
    assert math.isnan(summary.true_blotches)


def test_nothing_to_average() -> None:
    with pytest.raises(DatasetError, match="nothing to evaluate on"):
        Summary.of([])
