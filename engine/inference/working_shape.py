"""The size at which a model looks at a picture."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

from .contract import ModelContract

# A shape that is 10 % off in aspect (the picture is squeezed) is as bad as one 20 % off in area.
AREA_WEIGHT = 0.5


@lru_cache(maxsize=256)
def working_shape(
    height: int, width: int, contract: ModelContract, *, most_root: float = math.inf
) -> tuple[int, int]:
    """The allowed (height, width) nearest in aspect to the picture and in area to the model's.

    Shapes form a small set (multiples of `working_multiple`), so pictures of one aspect share a
    batch.

    Parameters
    ----------
    height, width
        Of the picture as it is looked at (upright), pixels.
    contract
        Of the model.
    most_root
        Root of an area, pixels, that suffices where it is less than the model's: what is enlarged
        too much is only blur. A model of one size has that in any case.
    """
    root = round(most_root / contract.working_multiple) if most_root < math.inf else 0
    if root and (root * contract.working_multiple) ** 2 < contract.working_area:
        root = max(root, -(-contract.working_min // contract.working_multiple))
        contract = replace(contract, working_area=(root * contract.working_multiple) ** 2)
    shapes = allowed_shapes(contract)
    if len(shapes) == 1:
        return shapes[0]
    aspect = math.log(width / height)
    return min(
        shapes,
        key=lambda shape: (
            abs(math.log(shape[1] / shape[0]) - aspect)
            + AREA_WEIGHT * abs(math.log(shape[0] * shape[1] / contract.working_area)),
            shape,
        ),
    )


@lru_cache(maxsize=64)
def allowed_shapes(contract: ModelContract) -> tuple[tuple[int, int], ...]:
    """All (height, width) that `working_shape` chooses from."""
    if contract.working_height:
        return ((contract.working_height, contract.working_width),)
    step = contract.working_multiple
    sides = range(-(-contract.working_min // step) * step, contract.working_max + 1, step)
    return tuple(
        (height, width)
        for height in sides
        for width in sides
        if contract.working_area / 2 <= height * width <= contract.working_area * 2
    ) or ((sides[0], sides[0]),)
