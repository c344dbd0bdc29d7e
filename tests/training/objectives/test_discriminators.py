import torch
from torch import nn

from colorize_batch.training.objectives.discriminators import (
    ClassifierDiscriminator,
    PatchDiscriminator,
)


def reach(discriminator: nn.Module, side: int) -> tuple[int, int]:
    """Height and width of what the middle logit depends on, by its gradient."""
    lab = torch.rand(1, 3, side, side, requires_grad=True)
    logits = discriminator.eval()(lab)
    logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
    assert lab.grad is not None
    touched = lab.grad.abs().sum(dim=(0, 1)) > 0
    return int(touched.any(dim=1).sum()), int(touched.any(dim=0).sum())


def test_judges_patches_of_70_pixels() -> None:
    torch.manual_seed(0)
    assert reach(PatchDiscriminator(filters=4), 160) == (70, 70)


def test_patch_logits() -> None:
    assert PatchDiscriminator(filters=4)(torch.zeros(2, 3, 256, 256)).shape == (2, 1, 30, 30)


def test_judges_whole_pictures_of_32_pixels() -> None:
    torch.manual_seed(0)
    discriminator = ClassifierDiscriminator(filters=4)
    assert discriminator(torch.zeros(2, 3, 32, 32)).shape == (2, 1, 1, 1)
    assert reach(discriminator, 32) == (32, 32)


def test_parameters_as_in_the_layer_tables() -> None:
    def conv(channels: int, out: int) -> int:
        return channels * out * 16

    norms = 2 * (128 + 256 + 512)
    shared = conv(3, 64) + 64 + conv(64, 128) + conv(128, 256) + conv(256, 512) + norms
    for discriminator in (PatchDiscriminator(), ClassifierDiscriminator()):
        count = sum(parameter.numel() for parameter in discriminator.parameters())
        assert count == shared + conv(512, 1) + 1
