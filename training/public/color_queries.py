"""DDColor's colour decoder: queries that gather colours from maps of three scales.

Layer table: X. Kang, T. Yang, W. Ouyang, P. Ren, L. Li and X. Xie, "DDColor: Towards Photo-Realistic
Image Colorization via Dual Decoders" (2023), after B. Cheng et al., "Masked-attention Mask
Transformer for Universal Image Segmentation" (2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from .position_code import PositionCode

QUERIES: Final = 100
CHANNELS: Final = 256
HEADS: Final = 8
HEAD_CHANNELS: Final = CHANNELS // HEADS
ROUNDS: Final = 9
HIDDEN: Final = 2048


class ColorQueries(nn.Module):
    """Maps of three scales to one vector for each query.

    Parameters
    ----------
    map_channels
        Of the maps, coarsest first.
    """

    def __init__(self, map_channels: Sequence[int]) -> None:
        super().__init__()
        self.query_feat = nn.Embedding(QUERIES, CHANNELS)
        self.query_embed = nn.Embedding(QUERIES, CHANNELS)
        self.level_embed = nn.Embedding(len(map_channels), CHANNELS)
        self.input_proj = nn.ModuleList(nn.Conv2d(each, CHANNELS, 1) for each in map_channels)
        self.transformer_self_attention_layers = nn.ModuleList(
            SelfAttention() for _ in range(ROUNDS)
        )
        self.transformer_cross_attention_layers = nn.ModuleList(
            CrossAttention() for _ in range(ROUNDS)
        )
        self.transformer_ffn_layers = nn.ModuleList(FeedForward() for _ in range(ROUNDS))
        self.decoder_norm = nn.LayerNorm(CHANNELS)
        self.color_embed = Perceptron(CHANNELS)
        self.position_code = PositionCode(CHANNELS)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """(N, C, H, W) of each scale, coarsest first, to (N, queries, channels)."""
        values, keys = [], []
        for index, (project, each) in enumerate(zip(self.input_proj, maps, strict=True)):
            value = (project(each) + self.level_embed.weight[index][:, None, None]).flatten(2)
            code = self.position_code(each).flatten(2)
            values.append(value.permute(2, 0, 1))
            keys.append((value + code).permute(2, 0, 1))
        batch = maps[0].shape[0]
        embedding = self.query_embed.weight[:, None].expand(-1, batch, -1)
        queries = self.query_feat.weight[:, None].expand(-1, batch, -1)
        rounds = zip(
            self.transformer_cross_attention_layers,
            self.transformer_self_attention_layers,
            self.transformer_ffn_layers,
            strict=True,
        )
        for index, (cross, own, feed) in enumerate(rounds):
            scale = index % len(maps)
            queries = cross(queries, embedding, keys[scale], values[scale])
            queries = feed(own(queries, embedding))
        colors: Tensor = self.color_embed(self.decoder_norm(queries).transpose(0, 1))
        return colors


class CrossAttention(nn.Module):
    """queries + attention to the places of a map, normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.multihead_attn = Attention()
        self.norm = nn.LayerNorm(CHANNELS)

    def forward(self, queries: Tensor, embedding: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """(Q, N, C) queries, (P, N, C) keys and values, to (Q, N, C)."""
        seen = self.multihead_attn(queries + embedding, keys, values)
        normed: Tensor = self.norm(queries + seen)
        return normed


class SelfAttention(nn.Module):
    """queries + attention to each other, normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.self_attn = Attention()
        self.norm = nn.LayerNorm(CHANNELS)

    def forward(self, queries: Tensor, embedding: Tensor) -> Tensor:
        """(Q, N, C) to the same shape."""
        placed = queries + embedding
        normed: Tensor = self.norm(queries + self.self_attn(placed, placed, queries))
        return normed


class FeedForward(nn.Module):
    """queries + two linear layers, normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(CHANNELS, HIDDEN)
        self.linear2 = nn.Linear(HIDDEN, CHANNELS)
        self.norm = nn.LayerNorm(CHANNELS)

    def forward(self, queries: Tensor) -> Tensor:
        """(Q, N, C) to the same shape."""
        changed = self.linear2(functional.relu(self.linear1(queries)))
        normed: Tensor = self.norm(queries + changed)
        return normed


class Attention(nn.Module):
    """Attention with several heads, weights named as in `nn.MultiheadAttention`."""

    def __init__(self) -> None:
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.zeros(3 * CHANNELS, CHANNELS))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * CHANNELS))
        self.out_proj = nn.Linear(CHANNELS, CHANNELS)

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """(Q, N, C), (P, N, C), (P, N, C) to (Q, N, C)."""
        weights, biases = self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)
        inputs = zip((queries, keys, values), weights, biases, strict=True)
        query, key, value = (functional.linear(*each) for each in inputs)
        result: Tensor = self.out_proj(attended(query * HEAD_CHANNELS**-0.5, key, value))
        return result

    def folded(self) -> SplitAttention:
        """The same with weights of their own for queries, keys and values."""
        return SplitAttention(self)


class SplitAttention(nn.Module):
    """Attention whose three projections are layers, the scale of the first folded in.

    Parameters
    ----------
    packed
        Whose weights it takes.
    """

    def __init__(self, packed: Attention) -> None:
        super().__init__()
        weights, biases = packed.in_proj_weight.chunk(3), packed.in_proj_bias.chunk(3)
        self.in_proj = nn.ModuleList()
        for weight, bias, scale in zip(weights, biases, (HEAD_CHANNELS**-0.5, 1, 1), strict=True):
            layer = nn.Linear(CHANNELS, CHANNELS)
            layer.weight = nn.Parameter(weight.detach() * scale, requires_grad=False)
            layer.bias = nn.Parameter(bias.detach() * scale, requires_grad=False)
            self.in_proj.append(layer)
        self.out_proj = packed.out_proj

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """(Q, N, C), (P, N, C), (P, N, C) to (Q, N, C)."""
        inputs = zip(self.in_proj, (queries, keys, values), strict=True)
        result: Tensor = self.out_proj(attended(*(layer(each) for layer, each in inputs)))
        return result


def attended(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Values by likeness of scaled queries to keys, head by head.

    Parameters
    ----------
    query, key, value
        (Q, N, C), (P, N, C), (P, N, C).

    Returns
    -------
    Tensor
        (Q, N, C).
    """
    share = torch.softmax(_by_head(query) @ _by_head(key).transpose(-1, -2), dim=-1)
    return (share @ _by_head(value)).permute(2, 0, 1, 3).flatten(2)


class Perceptron(nn.Module):
    """Three linear layers with ReLU between."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(channels, channels) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        """(..., channels) to the same shape."""
        for layer in self.layers[:-1]:
            x = functional.relu(layer(x))
        last: Tensor = self.layers[-1](x)
        return last


def _by_head(x: Tensor) -> Tensor:
    """(P, N, C) to (N, heads, P, C / heads)."""
    return torch.unflatten(x, 2, (HEADS, HEAD_CHANNELS)).permute(1, 2, 0, 3)
