import pytest
import torch

from colorize_batch.training.dataset.contrast import BLACK, MAX_GAIN, WHITE, stretched


def ramp(lowest: float, highest: float) -> torch.Tensor:
    return torch.linspace(lowest, highest, 1001).reshape(1, 7, 143)


@pytest.mark.parametrize(("lowest", "highest"), [(30.0, 80.0), (5.0, 70.0), (50.0, 97.0)])
def test_flat_pictures_get_the_full_range(lowest: float, highest: float) -> None:
    found, gain = stretched(ramp(lowest, highest))
    inner = found.flatten()[10:-10]
    assert float(inner.min()) == pytest.approx(BLACK, abs=0.2)
    assert float(inner.max()) == pytest.approx(WHITE, abs=0.2)
    assert gain == pytest.approx((WHITE - BLACK) / (0.98 * (highest - lowest)), rel=1e-3)


def test_full_contrast_is_left_alone() -> None:
    full = ramp(0, 100)
    found, gain = stretched(full)
    assert gain == 1
    assert torch.equal(found, full)


def test_a_blank_picture_is_not_torn_apart() -> None:
    noise = 60 + torch.randn(1, 40, 40, generator=torch.Generator().manual_seed(0))
    found, gain = stretched(noise)
    assert gain == MAX_GAIN
    assert float(found.std()) == pytest.approx(MAX_GAIN, rel=0.1)


def test_a_few_specks_do_not_count() -> None:
    specked = ramp(30, 80)
    specked[0, 0, :3] = 0
    specked[0, -1, -3:] = 100
    assert stretched(specked)[1] == pytest.approx(stretched(ramp(30, 80))[1], rel=0.02)
