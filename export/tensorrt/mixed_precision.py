"""Which layers of a model may be FP16: found by measuring, with as few in float32 as will do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray

from ...errors import ModelError
from ..graph.fp16_from_onnx import fp16_from_onnx, fp16_nodes
from ..graph.rounded_twin import rounded_twin
from ..parity.color_difference import ColorDifference, ParityBounds
from ..parity.onnx_on_cpu import ab_on_cpu
from ..parity.parity_pictures import ParityPicture

# Each round allows a part of the graph this share of what the round before allowed it.
_TIGHTER: Final = 0.25
_ROUNDS: Final = 4

# A converted model and the ab planes that it gives.
_Run: TypeAlias = tuple[onnx.ModelProto, list[NDArray[np.float32]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedPrecision:
    """A strongly typed model and how it was found.

    Parameters
    ----------
    model
        FP16 but for `kept`; inputs and outputs are float32.
    kept
        Nodes that stay in float32, as `fp16_nodes` names them, in the order of the graph.
    nodes
        The number of those that could be FP16.
    difference
        From float32, over all pictures, as FP16 rounds (see `rounded_twin`).
    trials
        The number of graphs that were run to find it.
    """

    model: onnx.ModelProto
    kept: tuple[str, ...]
    nodes: int
    difference: ColorDifference
    trials: int


def mixed_precision(
    model: onnx.ModelProto,
    pictures: Sequence[ParityPicture],
    bounds: ParityBounds,
    *,
    on_trial: Callable[[int], None] = lambda _: None,
) -> MixedPrecision:
    """Convert to FP16, keeping in float32 what takes the result out of bounds.

    All nodes are tried in FP16 first. If that is too much, the list of nodes is halved again and
    again: a part that stays in bounds while all else is float32 becomes FP16, a single node that
    does not is kept. If the chosen parts together are still out of bounds, each is allowed a
    quarter of that, and so on.

    Parameters
    ----------
    model
        In float32.
    pictures
        To compare on.
    bounds
        Of the difference from float32.
    on_trial
        Called with the number of trials made, after each.

    Returns
    -------
    MixedPrecision
        Within the bounds on ab; of that on CIEDE2000 ask `bounds.allow`.

    Raises
    ------
    ModelError
        The model does not run, cannot be converted, gives what is no number in float32, or has no
        node that may be FP16.
    """
    names = fp16_nodes(model)
    search = _Search(model, names, pictures, on_trial)
    chosen = frozenset(names)
    if not search.share_used(chosen, bounds) <= 1:
        chosen = search.largest_within(names, bounds)
    if not chosen:
        raise ModelError(
            f"export: expected layers that FP16 changes by at most {bounds}, got none; "
            "build with --precision fp32, or allow more"
        )
    converted, found = search.run(chosen)
    return MixedPrecision(
        model=converted,
        kept=tuple(name for name in names if name not in chosen),
        nodes=len(names),
        difference=ColorDifference.of_pictures(pictures, search.expected, found),
        trials=search.trials,
    )


def rounded_ab(
    converted: onnx.ModelProto, l_batches: Sequence[NDArray[np.float32]]
) -> list[NDArray[np.float32]]:
    """Run a model of `fp16_from_onnx` as FP16 rounds; arrays as of `ab_on_cpu`.

    Raises
    ------
    ModelError
        The model does not run.
    """
    return ab_on_cpu(rounded_twin(converted).SerializeToString(), l_batches)


class _Search:
    """Runs a model with some nodes in FP16 and remembers how far off each choice was."""

    def __init__(
        self,
        model: onnx.ModelProto,
        names: Sequence[str],
        pictures: Sequence[ParityPicture],
        on_trial: Callable[[int], None],
    ) -> None:
        self.trials = 0
        self._model = model
        self._names = names
        self._on_trial = on_trial
        self._known: dict[frozenset[str], ColorDifference] = {}
        self._latest: tuple[frozenset[str], _Run] | None = None
        self._l_batches = [picture.l_batch for picture in pictures]
        self.expected = ab_on_cpu(model.SerializeToString(), self._l_batches)
        if not all(np.isfinite(ab_batch).all() for ab_batch in self.expected):
            raise ModelError(
                "export: expected numbers, got infinities or NaN from the float32 model itself; "
                "train or export it again"
            )

    def run(self, in_fp16: frozenset[str]) -> _Run:
        """The model with these nodes in FP16, and what it gives as FP16 rounds."""
        if self._latest is None or self._latest[0] != in_fp16:
            kept = [name for name in self._names if name not in in_fp16]
            converted = fp16_from_onnx(self._model, kept)
            self._latest = in_fp16, (converted, rounded_ab(converted, self._l_batches))
            self.trials += 1
            self._on_trial(self.trials)
        return self._latest[1]

    def share_used(self, in_fp16: frozenset[str], bounds: ParityBounds) -> float:
        """Share of the bounds that a choice of FP16 nodes uses up."""
        if in_fp16 not in self._known:
            _, found = self.run(in_fp16)
            self._known[in_fp16] = ColorDifference.of_ab(self.expected, found)
        return bounds.share_used(self._known[in_fp16])

    def largest_within(self, names: Sequence[str], bounds: ParityBounds) -> frozenset[str]:
        """The nodes that pass, alone and together."""
        allowed = 1.0
        for _ in range(_ROUNDS):
            chosen = self._passing(names, bounds, allowed)
            if self.share_used(chosen, bounds) <= 1:
                return chosen
            allowed *= _TIGHTER
        return frozenset()

    def _passing(
        self, names: Sequence[str], bounds: ParityBounds, allowed: float
    ) -> frozenset[str]:
        if self.share_used(frozenset(names), bounds) <= allowed:
            return frozenset(names)
        if len(names) == 1:
            return frozenset()
        middle = len(names) // 2
        return self._passing(names[:middle], bounds, allowed) | self._passing(
            names[middle:], bounds, allowed
        )
