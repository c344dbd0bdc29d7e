import numpy as np
import pytest
from skimage import data

from colorize_batch.errors import UsageError
from colorize_batch.training.evaluation.labels import Labels
from colorize_batch.training.evaluation.recognition import TRUTH, Recognition
from colorize_batch.training.evaluation.scores import GRAY, MODEL, PhotoScore, ScoredPhoto


def scored(true_u8: np.ndarray, model_u8: np.ndarray, group: str = "") -> ScoredPhoto:
    gray = np.repeat(true_u8.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    score = PhotoScore(name="one", metrics={}, true_colorfulness=0.0, true_blotches=0.0)
    colored = {MODEL: model_u8, GRAY: gray}
    return ScoredPhoto(score=score, group=group, colored=colored, true_u8=true_u8)


def test_a_cat_and_what_only_looks_like_one() -> None:
    """The model is given a rocket for the cat; the rocket it is given as it is."""
    cat, rocket = data.chelsea(), data.rocket()
    recognition = Recognition(Labels("imagenet"))
    recognition.add(scored(cat, rocket[: cat.shape[0], : cat.shape[1]], group="n02123159"))
    recognition.add(scored(rocket, rocket, group="657"))
    results = recognition.results()

    assert set(results) == {MODEL, GRAY, TRUTH}
    assert results[TRUTH].accuracy == 1
    assert results[TRUTH].agreement == 1
    assert results[TRUTH].frechet_lite0 == pytest.approx(0, abs=1e-6)
    assert (results[MODEL].accuracy, results[MODEL].agreement) == (0.5, 0.5)
    assert results[MODEL].frechet_lite0 > results[GRAY].frechet_lite0 > 1


def test_without_labels_and_of_one_photograph() -> None:
    recognition = Recognition()
    assert recognition.results() == {}
    cat = data.chelsea()
    recognition.add(scored(cat, cat))
    found = recognition.results()[MODEL]
    assert (found.frechet_lite0, found.agreement, found.accuracy) == (None, 1.0, None)


def test_a_folder_that_is_no_label() -> None:
    with pytest.raises(UsageError, match="got 'holidays'"):
        Recognition(Labels("cifar10")).add(scored(data.chelsea(), data.chelsea(), "holidays"))
