"""Colour as a choice of bins, where rare colours count more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor
from typing_extensions import override

from ...errors import UsageError
from ..color.bin_encoding import UNIFORM_SHARE, rebalancing_weights, soft_encoded
from ..color.gamut_bins import BIN_COUNT, gamut_bins
from ..models.bin_network import BinNetwork
from ..models.network import ColorNetwork
from ..models.options import check_option
from .objective import Batch, Objective, Turn, true_ab


class RebalancedCrossEntropy(Objective):
    """Cross-entropy against softly encoded bins, each pixel weighed by its nearest bin.

    Equations 2 to 4 of R. Zhang, P. Isola and A. A. Efros, "Colorful Image Colorization" (2016).
    Before `observe` all bins weigh 1.

    Parameters
    ----------
    uniform_share
        0..1, the paper's lambda: 1 weighs all bins alike, 0 makes rare colours count the most.

    Raises
    ------
    UsageError
        An option is out of its range; in `turns`, the network has no bins.
    """

    def __init__(self, *, uniform_share: float = UNIFORM_SHARE) -> None:
        super().__init__()
        check_option("uniform_share", uniform_share, 0 <= uniform_share <= 1, "0 to 1")
        self._uniform_share = uniform_share
        self.bins: Tensor
        self.bin_weights: Tensor
        self.register_buffer(
            "bins", torch.from_numpy(gamut_bins().astype("float32")), persistent=False
        )
        self.register_buffer("bin_weights", torch.ones(BIN_COUNT))

    @override
    def observe(self, batches: Iterable[Batch]) -> None:
        """Weigh the bins by how often batches have them, unless all shall weigh alike."""
        if self._uniform_share == 1:
            return
        # From one each, because a bin that no pixel has would weigh infinitely much.
        counts = torch.ones(BIN_COUNT)
        bins = self.bins.cpu()
        for batch in batches:
            nearest, _ = soft_encoded(batch["ab_planes"].cpu(), bins)
            counts += torch.bincount(nearest[:, 0].flatten(), minlength=BIN_COUNT)
        self.bin_weights.copy_(rebalancing_weights(counts, bins, self._uniform_share))

    @override
    def turns(self, network: ColorNetwork, batch: Batch) -> Iterator[Turn]:
        """Yield the network's step."""
        if not isinstance(network, BinNetwork):
            raise UsageError(
                "objective 'rebalanced-cross-entropy': expected model.family 'zhang313' "
                "or 'base', which choose among bins"
            )
        logits = network.logits(batch["l_plane"]).float()
        nearest, shares = soft_encoded(true_ab(batch, logits), self.bins)
        likelihoods = torch.log_softmax(logits, dim=1).gather(1, nearest)
        entropies = -(shares * likelihoods).sum(dim=1)
        weights = self.bin_weights[nearest[:, 0]]
        loss = (weights * entropies).mean()
        yield Turn(
            player="network", loss=loss, measured={"cross_entropy": entropies.mean().detach()}
        )
