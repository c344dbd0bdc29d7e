"""Colours of faces, measured apart: skin is what people look at first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...engine.pictures.vips import pyvips
from ...extras import needs_extra
from ...kernels.reference import lab_from_srgb
from ...kernels.reference.ciede2000 import ciede2000
from .blotches import spread_of_cells
from .metrics import RgbU8
from .scores import MODEL, ScoredPhoto

# Faces are looked for at this size and no smaller than that, pixels.
SEARCH_SIDE: Final = 400
LEAST_FACE: Final = 28
# The inner part of what the detector frames: skin, hardly hair or background.
INNER: Final = 0.56
# True colours that a detected face may have: what else is framed is a false alarm. CIELAB, degrees.
SKIN_HUES: Final = (15.0, 85.0)
LEAST_SKIN_CHROMA: Final = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceColors:
    """Means over all faces that were found.

    Attributes
    ----------
    faces
        How many.
    ciede2000
        Colour difference from the truth within them, by method (`ScoredPhoto.colored`).
    chroma_bias
        Model's mean chroma less the truth's, ab units: below 0 is pale.
    hue_error
        Degrees between the mean hues, either way.
    hue_bias
        The same with its sign: below 0 is redder, above yellower.
    unevenness, true_unevenness
        Variation of the model's colours and of the true ones within a face, as of `Blotches`, ab units.
    """

    faces: int
    ciede2000: Mapping[str, float]
    chroma_bias: float
    hue_error: float
    hue_bias: float
    unevenness: float
    true_unevenness: float


class Faces:
    """Collects what was made of the faces in scored photographs.

    Faces are found on the true photograph by the cascade of local binary patterns that scikit-image
    brings (S. Liao et al., "Learning multi-scale block local binary patterns for face recognition", 2007):
    frontal ones, and not all of them.

    Raises
    ------
    MissingDependencyError
        scikit-image is not installed.
    """

    def __init__(self) -> None:
        with needs_extra("faces"):
            from skimage.data import lbp_frontal_face_cascade_filename  # noqa: PLC0415
            from skimage.feature import Cascade  # noqa: PLC0415
        cascade_file: Any = lbp_frontal_face_cascade_filename
        self._cascade: Any = Cascade(cascade_file())
        self._rows: list[tuple[Mapping[str, float], NDArray[np.float64]]] = []

    def add(self, photo: ScoredPhoto) -> None:
        """Find a photograph's faces and measure them."""
        frames = self._frames(photo.true_u8)
        if not frames:
            return
        true_lab = lab_from_srgb(photo.true_u8 / 255)
        labs = {name: lab_from_srgb(rgb_u8 / 255) for name, rgb_u8 in photo.colored.items()}
        for frame in frames:
            true = true_lab[frame]
            if _is_skin(true):
                self._rows.append(_measured(true, {name: lab[frame] for name, lab in labs.items()}))

    def results(self) -> FaceColors | None:
        """Sum up; None if there was no face."""
        if not self._rows:
            return None
        differences = [row[0] for row in self._rows]
        bias, error, signed, uneven, true_uneven = np.mean([row[1] for row in self._rows], axis=0)
        return FaceColors(
            faces=len(self._rows),
            ciede2000={
                name: float(np.mean([each[name] for each in differences]))
                for name in differences[0]
            },
            chroma_bias=float(bias),
            hue_error=float(error),
            hue_bias=float(signed),
            unevenness=float(uneven),
            true_unevenness=float(true_uneven),
        )

    def _frames(self, true_u8: RgbU8) -> list[tuple[slice, slice]]:
        """Inner parts of the faces, rows and columns."""
        scale = min(1.0, SEARCH_SIDE / max(true_u8.shape[:2]))
        image = pyvips.Image.new_from_array(true_u8, interpretation="srgb")
        small = np.asarray(image.resize(scale, kernel="lanczos3").numpy(), dtype=np.uint8)
        if min(small.shape[:2]) <= LEAST_FACE:
            return []
        found = self._cascade.detect_multi_scale(
            img=small,
            scale_factor=1.2,
            step_ratio=1,
            min_size=(LEAST_FACE, LEAST_FACE),
            max_size=(min(small.shape[:2]),) * 2,
        )
        margin = (1 - INNER) / 2
        frames: list[tuple[slice, slice]] = []
        for face in sorted(found, key=lambda each: -int(each["width"])):
            top, left, height, width = (face[key] / scale for key in ("r", "c", "height", "width"))
            rows = slice(round(top + margin * height), round(top + (1 - margin) * height))
            columns = slice(round(left + margin * width), round(left + (1 - margin) * width))
            # One face is often framed several times.
            if not any(_lies_in(rows, columns, other) for other in frames):
                frames.append((rows, columns))
        return frames


def _lies_in(rows: slice, columns: slice, frame: tuple[slice, slice]) -> bool:
    """Whether the middle of a frame is in another one."""
    return all(
        outer.start <= (inner.start + inner.stop) / 2 < outer.stop
        for inner, outer in zip((rows, columns), frame, strict=True)
    )


def _is_skin(true_lab: NDArray[np.float64]) -> bool:
    a, b = np.median(true_lab[..., 1]), np.median(true_lab[..., 2])
    return math.hypot(a, b) >= LEAST_SKIN_CHROMA and SKIN_HUES[0] <= _hue(a, b) <= SKIN_HUES[1]


def _measured(
    true_lab: NDArray[np.float64], labs: Mapping[str, NDArray[np.float64]]
) -> tuple[Mapping[str, float], NDArray[np.float64]]:
    differences = {name: float(ciede2000(lab, true_lab).mean()) for name, lab in labs.items()}
    model = labs[MODEL]
    (a, b), (true_a, true_b) = (lab[..., 1:].mean(axis=(0, 1)) for lab in (model, true_lab))
    turned = (_hue(a, b) - _hue(true_a, true_b) + 180) % 360 - 180
    chroma_bias = math.hypot(a, b) - math.hypot(true_a, true_b)
    measured = (chroma_bias, abs(turned), turned, spread_of_cells(model), spread_of_cells(true_lab))
    return differences, np.array(measured)


def _hue(a: float, b: float) -> float:
    return math.degrees(math.atan2(b, a))
