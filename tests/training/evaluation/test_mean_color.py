from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorize_batch.kernels.reference import lab_from_srgb
from colorize_batch.training.dataset.prepare import prepare
from colorize_batch.training.evaluation.mean_color import mean_ab


def test_each_photograph_counts_the_same(tmp_path: Path) -> None:
    red, blue = (200, 40, 40), (40, 40, 200)
    Image.new("RGB", (160, 160), red).save(tmp_path / "red.png")
    Image.new("RGB", (64, 64), blue).save(tmp_path / "blue.png")
    expected = np.mean([lab_from_srgb(np.array(color) / 255)[1:] for color in (red, blue)], axis=0)
    assert mean_ab(prepare([str(tmp_path)], tmp_path / "cache")) == pytest.approx(tuple(expected))
