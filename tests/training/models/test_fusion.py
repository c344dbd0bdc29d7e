import pytest
import torch

from colorize_batch.errors import ModelError, UsageError
from colorize_batch.training.models import build_model
from colorize_batch.training.models.fusion import FusionLite0


@pytest.fixture(scope="module")
def fusion() -> FusionLite0:
    torch.manual_seed(0)
    return FusionLite0(pretrained=True, classifier_side=64)


def test_the_classifier_is_not_trained(fusion: FusionLite0) -> None:
    fusion.train()
    assert fusion.decoder.training
    assert not any(module.training for module in fusion.classifier.modules())
    before = fusion.classifier.state_dict()["head.norm.running_mean"].clone()
    fusion(torch.rand(2, 1, 32, 32) * 100).square().mean().backward()
    assert all(parameter.grad is None for parameter in fusion.classifier.parameters())
    assert all(parameter.grad is not None for parameter in fusion.encoder.parameters())
    assert torch.equal(fusion.classifier.state_dict()["head.norm.running_mean"], before)


def test_tells_every_place_what_the_picture_shows(fusion: FusionLite0) -> None:
    """A change in one corner, beyond the reach of the convolutions, changes the opposite one."""
    fusion.eval()
    l_plane = torch.full((1, 1, 256, 256), 50.0)
    changed = l_plane.clone()
    changed[..., :128, :128] = 90
    with torch.inference_mode():
        difference = (fusion(changed) - fusion(l_plane))[..., -16:, -16:]
    assert difference.abs().max() > 1e-4


def test_inception_needs_its_weights() -> None:
    with pytest.raises(UsageError, match="expected model.options.weights.*fusion-lite0"):
        build_model("fusion", pretrained=True)
    with (
        torch.device("meta"),
        pytest.raises(ModelError, match=r"none\.pth: no such file of weights"),
    ):
        build_model("fusion", pretrained=True, options={"weights": "none.pth"})
