"""The projects' own steps, written anew, give what the original code gave around a fixed network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

pytest.importorskip("cv2")
pytest.importorskip("skimage")

from benchmarks.checkpoints import own_steps
from benchmarks.checkpoints.own_steps import PublishedDDColor
from tests.training.public.goldens import FOLDER, Golden
from tests.training.public.test_families import network_of

pytestmark = pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB")

GOLDEN = np.load(FOLDER / "prepost.npz")
SIDE = 64


class Fixed(nn.Module):
    """A network that keeps what it sees and gives what the originals were given."""

    def __init__(self, answer):
        super().__init__()
        self.answer = torch.from_numpy(answer.astype(np.float32))[None]

    def forward(self, seen):
        self.seen = seen.numpy()
        return self.answer


@pytest.mark.parametrize(
    ("steps", "answer", "seen", "result"),
    [
        ("_zhang", "ab", "zhang/l_net", "zhang/rgb8"),
        ("_ddcolor", "ab", "ddcolor/x_net", "ddcolor/rgb8"),
        ("_deoldify", "rgbn", "deoldify/x_net", "deoldify/rgb8"),
    ],
)
def test_equal_to_the_original(tmp_path, steps, answer, seen, result):
    Image.fromarray(GOLDEN["image"]).save(tmp_path / "in.png")
    network = Fixed(GOLDEN[answer])
    getattr(own_steps, steps)(network, SIDE)(str(tmp_path / "in.png"), str(tmp_path / "out.png"))
    np.testing.assert_allclose(network.seen, GOLDEN[seen], atol=1e-4)
    found = np.asarray(Image.open(tmp_path / "out.png")).astype(int)
    # Versions of the libraries round single pixels otherwise.
    differing = np.abs(found - GOLDEN[result])
    assert differing.max() <= 1
    assert (differing > 0).mean() < 0.001


def test_the_tutorials_network_sees_what_it_saw(tmp_path):
    Image.fromarray(GOLDEN["image"]).save(tmp_path / "in.png")
    network = Fixed(GOLDEN["ab"] / 110)
    own_steps._tutorial(network, SIDE)(str(tmp_path / "in.png"), str(tmp_path / "out.png"))
    np.testing.assert_allclose(network.seen, GOLDEN["tutorial/l_net"], atol=1e-5)


def test_ddcolor_in_the_published_order_gives_the_same():
    network = network_of("ddcolor-tiny")
    x = torch.from_numpy(Golden("ddcolor-tiny").inputs("b")["x"][:, :, :64, :96])
    with torch.no_grad():
        expected = network(x)
        network.__class__ = PublishedDDColor
        found = network(x)
    np.testing.assert_allclose(found, expected, atol=1e-5 * float(expected.std()), rtol=0)
