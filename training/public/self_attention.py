"""Attention of every place to every other."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .normed_conv import SpectralConv


class SelfAttention(nn.Module):
    """x + gamma attention(x), over flat positions.

    H. Zhang, I. Goodfellow, D. Metaxas and A. Odena, "Self-Attention Generative Adversarial Networks"
    (2019). The softmax runs over the positions of `query`: in today's terms `key` asks and `query`
    answers.

    Parameters
    ----------
    channels
        In and out; an eighth of them is compared.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1))
        self.query = SpectralConv(channels, channels // 8, 0)
        self.key = SpectralConv(channels, channels // 8, 0)
        self.value = SpectralConv(channels, channels, 0)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        places = x.flatten(2)
        likeness = torch.bmm(self.key(places).transpose(1, 2), self.query(places))
        share = torch.softmax(likeness, dim=2)
        attended = torch.bmm(self.value(places), share.transpose(1, 2))
        return self.gamma * attended.reshape(x.shape) + x
