"""What a photograph shows, as classes of ImageNet, from the name of its folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError

# The synsets of ILSVRC 2012 in their order, which is that of their numbers.
WNIDS_FILE: Final = Path(__file__).with_name("imagenet_wnids.txt")

# ImageNet has no deer; antelopes come nearest.
CIFAR10_CLASSES: Final[Mapping[str, tuple[int, ...]]] = {
    "airplane": (404, 895),
    "automobile": (436, 468, 511, 609, 627, 656, 661, 751, 817),
    "bird": (*range(7, 25), *range(80, 101), *range(127, 147)),
    "cat": tuple(range(281, 286)),
    "deer": (351, 352, 353),
    "dog": tuple(range(151, 269)),
    "frog": (30, 31, 32),
    "horse": (339,),
    "ship": (403, 472, 484, 510, 554, 576, 625, 628, 724, 780, 814, 833, 871, 914),
    "truck": (555, 569, 675, 717, 864, 867),
}


class Labels:
    """A set of labels, and the rule that says whether a classifier found the right one.

    Parameters
    ----------
    kind
        "imagenet": a photograph's group is a WordNet number such as n01440764, or a class from 0 to
        999, and all 1000 compete; "cifar10": it is one of that set's ten names, which compete by
        the sum of the probabilities of `CIFAR10_CLASSES`.

    Raises
    ------
    UsageError
        The kind is unknown.
    """

    def __init__(self, kind: str) -> None:
        if kind not in _NUMBERS:
            raise UsageError(f"labels {kind!r}: expected {' or '.join(_NUMBERS)}")
        self._kind = kind
        self._numbers = _NUMBERS[kind]()

    def number(self, group: str) -> int:
        """Find the label of a photograph's group.

        Raises
        ------
        UsageError
            The group is none of the labels.
        """
        if group not in self._numbers:
            expected = ", ".join([*self._numbers][:3])
            raise UsageError(
                f"labels {self._kind!r}: expected photographs in folders named {expected} ..., "
                f"got {group!r}"
            )
        return self._numbers[group]

    def guess(self, logits: NDArray[np.float32]) -> int:
        """Choose a label: (1000,) ImageNet logits to the number of the likeliest."""
        if self._kind == "imagenet":
            return int(logits.argmax())
        shares = np.exp(logits - logits.max())
        return int(np.argmax([shares[list(group)].sum() for group in CIFAR10_CLASSES.values()]))


@lru_cache(maxsize=1)
def _imagenet() -> Mapping[str, int]:
    wnids = WNIDS_FILE.read_text(encoding="ascii").split()
    numbers = {wnid: number for number, wnid in enumerate(wnids)}
    return numbers | {str(number): number for number in range(len(wnids))}


def _cifar10() -> Mapping[str, int]:
    return {name: number for number, name in enumerate(CIFAR10_CLASSES)}


_NUMBERS: Final[Mapping[str, Callable[[], Mapping[str, int]]]] = {
    "imagenet": _imagenet,
    "cifar10": _cifar10,
}
