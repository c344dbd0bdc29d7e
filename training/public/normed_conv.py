"""Convolutions whose weight is stored in parts: spectral norm and weight norm, as PyTorch keeps them.

Spectral norm: T. Miyato et al., "Spectral Normalization for Generative Adversarial Networks" (2018);
weight norm: T. Salimans and D. P. Kingma, "Weight Normalization" (2016). Both only matter while a
network learns; `fold_weights` turns them into plain convolutions.
"""

from __future__ import annotations

from typing import Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional

AnyModule = TypeVar("AnyModule", bound=nn.Module)


def fold_weights(module: AnyModule) -> AnyModule:
    """Replace every layer inside that stores its weights in parts by a plain one of the same result.

    Parameters
    ----------
    module
        Changed in place; the keys of its state_dict change with it.

    Returns
    -------
    nn.Module
        The same module.
    """
    for name, child in module.named_children():
        if isinstance(child, Foldable):
            setattr(module, name, child.folded())
        else:
            fold_weights(child)
    return module


@runtime_checkable
class Foldable(Protocol):
    """A layer that stores its weights otherwise than it uses them."""

    def folded(self) -> nn.Module:
        """The plain layer."""
        ...


def weight_and_bias(conv: nn.Module) -> tuple[Tensor, Tensor | None]:
    """What a convolution, normed or plain, convolves with and adds."""
    if isinstance(conv, NormedConv):
        return conv.weight(), conv.bias
    assert isinstance(conv, nn.Conv1d | nn.Conv2d)
    return conv.weight, conv.bias


class NormedConv(nn.Module):
    """A convolution with stride 1 over rows and columns, or over flat positions.

    Parameters
    ----------
    out_channels, bias
        As of `nn.Conv2d`; the padding keeps the size.
    """

    bias: Tensor | None

    def __init__(self, out_channels: int, *, bias: bool) -> None:
        super().__init__()
        self.register_parameter("bias", nn.Parameter(torch.zeros(out_channels)) if bias else None)

    def weight(self) -> Tensor:
        """The weight that convolves: (out, in, rows, columns) or (out, in, 1)."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """(N, in, H, W) to (N, out, H, W), or (N, in, P) to (N, out, P)."""
        weight = self.weight()
        if weight.ndim == 3:
            return functional.conv1d(x, weight, self.bias)
        return functional.conv2d(x, weight, self.bias, padding=weight.shape[-1] // 2)

    def folded(self) -> nn.Conv1d | nn.Conv2d:
        """The plain convolution; its weight is computed in float64 and rounded once."""
        stored = self.bias
        dtype = next(self.parameters()).dtype
        with torch.no_grad():
            weight = self.double().weight().to(dtype)
            self.to(dtype)
        out_channels, in_channels, *kernel = weight.shape
        with_bias = stored is not None
        plain: nn.Conv1d | nn.Conv2d
        if len(kernel) == 1:
            plain = nn.Conv1d(in_channels, out_channels, 1, bias=with_bias)
        else:
            side = kernel[0]
            plain = nn.Conv2d(in_channels, out_channels, side, padding=side // 2, bias=with_bias)
        plain.weight = nn.Parameter(weight)
        if stored is not None:
            plain.bias = nn.Parameter(stored.detach().to(dtype))
        return plain.train(self.training)


class SpectralConv(NormedConv):
    """W / (u' W v), with u and v as stored: they need not be the singular vectors.

    Parameters
    ----------
    in_channels, out_channels
        Of the convolution.
    kernel
        Its side, rows and columns; 0 for a 1x1 convolution over flat positions.
    bias
        Whether it adds one.
    """

    weight_orig: Tensor
    weight_u: Tensor
    weight_v: Tensor

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, *, bias: bool = False
    ) -> None:
        super().__init__(out_channels, bias=bias)
        window = (kernel, kernel) if kernel else (1,)
        weight = torch.zeros(out_channels, in_channels, *window)
        self.weight_orig = nn.Parameter(weight)
        self.register_buffer("weight_u", torch.zeros(out_channels))
        self.register_buffer("weight_v", torch.zeros(weight[0].numel()))

    def weight(self) -> Tensor:
        """The stored weight over its norm."""
        sigma = torch.dot(self.weight_u, torch.mv(self.weight_orig.flatten(1), self.weight_v))
        return self.weight_orig / sigma


class WeightNormConv(NormedConv):
    """g v / |v|, by output channel.

    Parameters
    ----------
    in_channels, out_channels
        Of the 1x1 convolution; it adds a bias.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(out_channels, bias=True)
        self.weight_g = nn.Parameter(torch.ones(out_channels, 1, 1, 1))
        self.weight_v = nn.Parameter(torch.ones(out_channels, in_channels, 1, 1))

    def weight(self) -> Tensor:
        """Direction times length."""
        length = self.weight_v.square().sum(dim=(1, 2, 3), keepdim=True).sqrt()
        return self.weight_v * (self.weight_g / length)
