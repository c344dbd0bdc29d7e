"""The networks under the contract: gray in, chroma out."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from colorize_batch.kernels.reference.colorspace import lab_from_srgb
from colorize_batch.training.public.colorizers import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    GrayColorizer,
    PaintedColorizer,
    ScaledColorizer,
)
from colorize_batch.training.public.lightness import gray_from_lightness

from .goldens import FOLDER


class Fixed(nn.Module):
    """A network that keeps what it sees and gives what it is told to."""

    def __init__(self, answer):
        super().__init__()
        self.answer = torch.from_numpy(answer.astype(np.float32))[None]

    def forward(self, seen):
        self.seen = seen.numpy()
        return self.answer


def prepost():
    return np.load(FOLDER / "prepost.npz")


def lightness(gray):
    """(H, W) gamma-coded gray 0..1 to (1, 1, H, W) L*."""
    rgb = np.stack([gray] * 3, axis=-1).astype(np.float64)
    return torch.from_numpy(lab_from_srgb(rgb)[..., 0].astype(np.float32))[None, None]


def test_gray_is_the_inverse_of_lightness():
    gray = np.linspace(0, 1, 4096)[None]
    found = gray_from_lightness(lightness(gray)).numpy()[0, 0]
    np.testing.assert_allclose(found, gray, atol=2e-6)


def test_ddcolor_sees_the_gray_of_its_own_pipeline():
    """Within what OpenCV's table of CIELAB is off: 0.2 of L*, which is 0.2 % of the range."""
    golden = prepost()
    seen_there = golden["ddcolor/x_net"]
    network = Fixed(golden["ab"])
    ab = GrayColorizer(network)(lightness(seen_there[0, 0]))
    np.testing.assert_allclose(network.seen, seen_there, atol=3e-3)
    np.testing.assert_array_equal(ab[0].numpy(), golden["ab"].astype(np.float32))


def test_the_tutorial_sees_the_lightness_of_its_own_pipeline():
    golden = prepost()
    seen_there = golden["tutorial/l_net"]
    network = Fixed(golden["ab"] / 110)
    ab = ScaledColorizer(network)(torch.from_numpy((seen_there + 1) * 50))
    np.testing.assert_allclose(network.seen, seen_there, atol=1e-6)
    np.testing.assert_allclose(ab[0].numpy(), golden["ab"], atol=0.05)


def test_deoldify_sees_the_gray_of_its_own_pipeline():
    seen_there = prepost()["deoldify/x_net"]
    mean, std = (np.array(each)[:, None, None] for each in (IMAGENET_MEAN, IMAGENET_STD))
    gray = (seen_there[0] * std + mean)[0]
    network = Fixed(prepost()["rgbn"])
    PaintedColorizer(network)(lightness(gray))
    np.testing.assert_allclose(network.seen, seen_there, atol=2e-5)


def test_deoldify_keeps_the_luma_and_takes_the_chroma():
    """R, G and B of the original's merge: U and V of what was painted, Y of the picture."""
    mean, std = (np.array(each)[:, None, None] for each in (IMAGENET_MEAN, IMAGENET_STD))
    painted = np.clip(prepost()["rgbn"].astype(np.float64) * std + mean, 0, 1)
    gray = np.tile(np.linspace(0.3, 0.7, 64), (64, 1))
    y = np.tensordot([0.299, 0.587, 0.114], painted, 1)
    u, v = 0.492 * (painted[2] - y), 0.877 * (painted[0] - y)
    red, blue = gray + v / 0.877, gray + u / 0.492
    green = (gray - 0.299 * red - 0.114 * blue) / 0.587
    merged = np.clip(np.stack([red, green, blue], axis=-1), 0, 1)
    ab = PaintedColorizer(Fixed(prepost()["rgbn"]))(lightness(gray))
    expected = np.moveaxis(lab_from_srgb(merged)[..., 1:], -1, 0)
    np.testing.assert_allclose(ab[0].numpy(), expected, atol=5e-3)
