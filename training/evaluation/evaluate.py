"""`colorize-train evaluate`: what users get from a model, measured on colour photographs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from ...engine.batch.picture_stages import Decoded, PictureStages
from ...engine.batch.runner_options import RunnerOptions
from ...engine.inference.backend import Backend
from ...engine.pictures.look import Look
from ...engine.pictures.pixel_picture import PixelPicture
from ...engine.pictures.preparation.preparation_options import PreparationOptions
from ...errors import UnreadableError
from ...kernels.reference import lab_from_srgb
from ..dataset.decode import decode_photo
from ..dataset.photo import Photo
from .blotches import Blotches
from .metrics import RgbU8, color_metrics, colorfulness
from .scores import CONSTANT, GRAY, MODEL, PhotoScore, ScoredPhoto

LONG_SIDE: Final = 800

# One colour has no edges to follow.
PLAIN: Final = Look(upsample="bilinear")


def evaluate(
    backend: Backend,
    photos: Iterable[Photo],
    *,
    look: Look | None = None,
    preparation: PreparationOptions | None = None,
    mean_ab: tuple[float, float] | None = None,
    long_side: int = LONG_SIDE,
    on_skip: Callable[[str, str], None] = lambda _name, _reason: None,
) -> Iterator[ScoredPhoto]:
    """Remove the colour of photographs, predict it anew, and compare.

    The stages are those of the engine's runner, so the numbers are those of the files that users get.

    Parameters
    ----------
    backend
        A loaded model.
    photos
        Colour photographs that the model was not trained on.
    look
        How the predicted colour is put in; by default as the engine does it.
    preparation
        How pictures are prepared for the network; by default as the engine does it.
    mean_ab
        (a*, b*) for the constant baseline, best the mean of the training data.
    long_side
        Pixels; larger photographs are reduced to it and then compared.
    on_skip
        Called with (name, reason) for a file that could not be read.

    Yields
    ------
    ScoredPhoto
        One a photograph, in the order given.

    Raises
    ------
    BackendError
        The model failed.
    """
    options = RunnerOptions(look=look or Look(), preparation=preparation or PreparationOptions())
    stages = PictureStages(backend, options)
    for photo in photos:
        try:
            true_u8 = decode_photo(photo.read(), long_side=long_side)
        except (UnreadableError, OSError) as error:
            on_skip(photo.name, str(error))
            continue
        picture = PixelPicture(pixels=true_u8)
        colored = {
            MODEL: _predicted(picture, stages),
            GRAY: _recolored(picture, _constant_ab(0, 0), PLAIN),
        }
        if mean_ab is not None:
            colored[CONSTANT] = _recolored(picture, _constant_ab(*mean_ab), PLAIN)
        score = PhotoScore(
            name=photo.name,
            metrics=color_metrics(colored, true_u8),
            true_colorfulness=colorfulness(true_u8),
            true_blotches=Blotches(lab_from_srgb(true_u8 / 255)).of_truth,
        )
        yield ScoredPhoto(score=score, group=photo.group, colored=colored, true_u8=true_u8)


def _predicted(picture: PixelPicture, stages: PictureStages) -> RgbU8:
    recolored = stages.recolor(stages.predicted(stages.prepare(Decoded(picture))))
    return np.asarray(cast("PixelPicture", recolored.picture).pixels, dtype=np.uint8)


def _constant_ab(a: float, b: float) -> NDArray[np.float32]:
    return np.array([a, b], dtype=np.float32).reshape(2, 1, 1)


def _recolored(picture: PixelPicture, ab_planes: NDArray[np.float32], look: Look) -> RgbU8:
    pixels = picture.recolored(ab_planes, look).pixels
    return np.asarray(pixels, dtype=np.uint8)
