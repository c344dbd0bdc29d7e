import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.data import astronaut

from colorize_batch.kernels.reference import lab_from_srgb, srgb_from_lab
from colorize_batch.training.evaluation.faces import FaceColors, Faces
from colorize_batch.training.evaluation.scores import GRAY, MODEL, PhotoScore, ScoredPhoto


@pytest.fixture(scope="module")
def portrait_u8() -> NDArray[np.uint8]:
    return np.ascontiguousarray(astronaut()[:320, 80:400])


def turned(
    rgb_u8: NDArray[np.uint8], *, chroma: float = 1.0, degrees: float = 0.0
) -> NDArray[np.uint8]:
    """Colours made paler or stronger and turned in hue, lightness kept."""
    lab = lab_from_srgb(rgb_u8 / 255)
    plane = (lab[..., 1] + 1j * lab[..., 2]) * chroma * np.exp(1j * np.radians(degrees))
    lab[..., 1], lab[..., 2] = plane.real, plane.imag
    return (np.clip(srgb_from_lab(lab), 0, 1) * 255).round().astype(np.uint8)


def measured(true_u8: NDArray[np.uint8], model_u8: NDArray[np.uint8]) -> FaceColors | None:
    faces = Faces()
    score = PhotoScore(name="one", metrics={}, true_colorfulness=0.0, true_blotches=0.0)
    colored = {MODEL: model_u8, GRAY: turned(true_u8, chroma=0.0)}
    faces.add(ScoredPhoto(score=score, group="", colored=colored, true_u8=true_u8))
    return faces.results()


def test_a_face_in_its_own_colours(portrait_u8: NDArray[np.uint8]) -> None:
    colors = measured(portrait_u8, portrait_u8)
    assert colors is not None
    assert colors.faces == 1
    assert colors.ciede2000[MODEL] == pytest.approx(0, abs=1e-6)
    assert colors.ciede2000[GRAY] > 8
    assert (colors.chroma_bias, colors.hue_error) == (pytest.approx(0), pytest.approx(0))
    assert colors.unevenness == colors.true_unevenness > 0


def test_pale_and_yellow_faces(portrait_u8: NDArray[np.uint8]) -> None:
    pale = measured(portrait_u8, turned(portrait_u8, chroma=0.5))
    yellow = measured(portrait_u8, turned(portrait_u8, degrees=20))
    red = measured(portrait_u8, turned(portrait_u8, degrees=-20))
    assert pale is not None
    assert yellow is not None
    assert red is not None
    assert pale.chroma_bias < -5
    assert pale.unevenness < 0.7 * pale.true_unevenness
    assert yellow.hue_bias == pytest.approx(20, abs=3)
    assert red.hue_bias == pytest.approx(-20, abs=3)
    assert red.hue_error == pytest.approx(-red.hue_bias)


def test_without_a_face(portrait_u8: NDArray[np.uint8]) -> None:
    assert Faces().results() is None
    blue = turned(portrait_u8, degrees=150)
    assert measured(blue, blue) is None
    sky = np.full((200, 300, 3), 180, np.uint8)
    assert measured(sky, sky) is None
    tiny = np.full((20, 30, 3), 180, np.uint8)
    assert measured(tiny, tiny) is None
