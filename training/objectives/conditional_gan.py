"""Colours that a second network cannot tell from true ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from ..models.network import ColorNetwork
from ..models.options import check_option
from .discriminators import ClassifierDiscriminator, PatchDiscriminator
from .objective import Batch, Objective, Turn, true_ab

AB_SCALE: Final = 110.0

DISCRIMINATORS: Final[Mapping[str, Callable[..., nn.Module]]] = {
    "patch-70": PatchDiscriminator,
    "classifier": ClassifierDiscriminator,
}
# Of logits and what they should be, 1 for true and 0 for made.
CRITERIA: Final[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "vanilla": functional.binary_cross_entropy_with_logits,
    "lsgan": functional.mse_loss,
}


class ConditionalGan(Objective):
    """A conditional GAN with an L1 loss beside it.

    The adversary sees L* with true colours or with the network's, and learns to tell them apart;
    then the network takes a step against it. P. Isola et al., "Image-to-Image Translation with
    Conditional Adversarial Networks" (2017), sections 3.1 and 3.3; "lsgan" is X. Mao et al., "Least
    Squares Generative Adversarial Networks" (2017).

    Parameters
    ----------
    discriminator
        "patch-70" judges 70x70 patches (`pix2pix`), "classifier" whole 32x32 pictures
        (`cifar-gan`).
    criterion
        "vanilla", the cross-entropy, or "lsgan", the squared error.
    l1_weight
        Of the mean |ab| error in units of 110, beside the adversary's verdict; 100 as published.
    label_smoothing
        What the label of true colours is short of 1; 0 for `pix2pix`, 0.1 for `cifar-gan`.
    filters
        Of the discriminator's first layer; 64 as published.

    Raises
    ------
    UsageError
        An option is out of its range.
    """

    adversary: nn.Module

    def __init__(
        self,
        *,
        discriminator: str = "patch-70",
        criterion: str = "vanilla",
        l1_weight: float = 100.0,
        label_smoothing: float = 0.0,
        filters: int = 64,
    ) -> None:
        check_option(
            "discriminator", discriminator, discriminator in DISCRIMINATORS,
            f"one of {', '.join(DISCRIMINATORS)}",
        )  # fmt: skip
        check_option("criterion", criterion, criterion in CRITERIA, f"one of {', '.join(CRITERIA)}")
        check_option("l1_weight", l1_weight, l1_weight >= 0, "0 or more")
        check_option("label_smoothing", label_smoothing, 0 <= label_smoothing < 0.5, "0 to 0.5")
        check_option("filters", filters, filters > 0, "a positive number")
        super().__init__(DISCRIMINATORS[discriminator](filters))
        self._criterion = CRITERIA[criterion]
        self._l1_weight = l1_weight
        self._true_label = 1 - label_smoothing

    @override
    def turns(self, network: ColorNetwork, batch: Batch) -> Iterator[Turn]:
        """Yield the adversary's step, then the network's against the adversary that took it."""
        predicted = network(batch["l_plane"]).float() / AB_SCALE
        true = true_ab(batch, predicted) / AB_SCALE
        gray = functional.interpolate(batch["l_plane"], size=true.shape[2:], mode="area") / 50 - 1

        on_true = self._verdict(gray, true, self._true_label)
        on_made = self._verdict(gray, predicted.detach(), 0.0)
        # Half of it, which slows the adversary down.
        adversary_loss = (on_true + on_made) / 2
        yield Turn(player="adversary", loss=adversary_loss)

        self.adversary.requires_grad_(False)
        deceit = self._verdict(gray, predicted, 1.0)
        self.adversary.requires_grad_(True)
        l1 = functional.l1_loss(predicted, true)
        yield Turn(
            player="network",
            loss=deceit + self._l1_weight * l1,
            measured={
                "l1": l1.detach(),
                "deceit": deceit.detach(),
                "adversary_loss": adversary_loss.detach(),
            },
        )

    def _verdict(self, gray: Tensor, ab: Tensor, label: float) -> Tensor:
        logits = self.adversary(torch.cat([gray, ab], dim=1)).float()
        return self._criterion(logits, torch.full_like(logits, label))
