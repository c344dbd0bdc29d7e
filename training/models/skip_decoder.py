"""The decoder of `lite` and `base`: from an encoder's features back to a map of the picture."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from .options import check_option


class SkipDecoder(nn.Module):
    """Doubles the deepest features step by step, joining those of each resolution.

    Parameters
    ----------
    feature_channels
        Of the encoder's maps, from the finest to the deepest, each of half the resolution of the one
        before.
    context_channels
        What is made of the deepest: of each place, plus the same of the mean over the picture, which
        says what scene it is.
    step_channels
        Of the map after each doubling; no more of them than there are finer maps.
    dropout
        Share of the deepest features that a training step goes without, 0 up to 1.

    Raises
    ------
    UsageError
        The dropout is out of its range.
    """

    def __init__(
        self,
        feature_channels: Sequence[int],
        *,
        context_channels: int,
        step_channels: Sequence[int],
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        check_option("dropout", dropout, 0 <= dropout < 1, "0 up to, not including, 1")
        *skips, deepest = feature_channels
        self.dropout = nn.Dropout2d(dropout)
        self.local_context = nn.Conv2d(deepest, context_channels, 1)
        self.scene_context = nn.Conv2d(deepest, context_channels, 1)
        self.steps = nn.ModuleList()
        channels = context_channels
        # A coarse result leaves the finest maps out.
        for skip_channels, out_channels in zip(reversed(skips), step_channels, strict=False):
            self.steps.append(DecoderStep(channels, skip_channels, out_channels))
            channels = out_channels

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Decode maps of `feature_channels` to one of the last of `step_channels`."""
        *skips, deepest = features
        deepest = self.dropout(deepest)
        scene = self.scene_context(deepest.mean(dim=(2, 3), keepdim=True))
        x = functional.relu(self.local_context(deepest) + scene)
        for step, skip in zip(self.steps, reversed(skips), strict=False):
            x = step(x, skip)
        return x


class DecoderStep(nn.Module):
    """Double the resolution, join the encoder's features of that resolution, convolve."""

    def __init__(self, in_channels: int, skip_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels + skip_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, C, h, w) and (N, S, 2h, 2w) to (N, out, 2h, 2w)."""
        x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
        return functional.relu(self.norm(self.conv(torch.cat([x, skip], dim=1))))
