import pytest
import torch

from colorize_batch.training.models.lite import Lite


@pytest.fixture(scope="module")
def lite() -> Lite:
    torch.manual_seed(0)
    return Lite().eval()


@pytest.mark.parametrize(("height", "width"), [(64, 64), (32, 96), (96, 160)])
def test_predicts_at_half_size(lite: Lite, height: int, width: int) -> None:
    with torch.inference_mode():
        ab_planes = lite(torch.full((2, 1, height, width), 50.0))
    assert ab_planes.shape == (2, 2, height // 2, width // 2)


@pytest.mark.parametrize("stride", [2, 4, 8, 16])
def test_predicts_as_coarsely_as_asked_for(stride: int) -> None:
    coarse = Lite(output_stride=stride).eval()
    with torch.inference_mode():
        assert coarse(torch.zeros(1, 1, 64, 96)).shape == (1, 2, 64 // stride, 96 // stride)


def test_starts_gray(lite: Lite) -> None:
    with torch.inference_mode():
        assert lite(torch.rand(1, 1, 64, 64) * 100).abs().max() == 0


def test_encoder_learns_slower(lite: Lite) -> None:
    slow, fast = lite.parameter_groups(1e-3, 0.2)
    assert (slow["lr"], fast["lr"]) == (pytest.approx(2e-4), 1e-3)
    names = {id(parameter): name for name, parameter in lite.named_parameters()}
    assert all(names[id(parameter)].startswith("encoder.") for parameter in slow["params"])
    assert not any(names[id(parameter)].startswith("encoder.") for parameter in fast["params"])
    assert len(slow["params"]) + len(fast["params"]) == len(names)
