"""How near the engine comes to what its stages could do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .stage_rates import StageRate


@dataclass(frozen=True, slots=True, kw_only=True)
class Efficiency:
    """The end-to-end rate over two bounds.

    Parameters
    ----------
    bound_images_per_second
        The slowest stage's own rate with the share of the machine that is its in a pipeline. Stages
        that run on the CPU share its cores; a pipeline in balance gives each so much of them that
        all have one rate, which is 1 / sum(1 / rate with all cores). A network on another device
        does not share, and bounds by its own rate.
    efficiency
        End-to-end rate over that bound: 1 when no core ever waits and queues cost nothing; above
        1 where stages fill each other's gaps.
    slowest_stage
        With the lowest rate of its own, all cores.
    of_slowest_stage
        End-to-end rate over that rate: what there would be to gain if all other stages cost
        nothing.
    """

    bound_images_per_second: float
    efficiency: float
    slowest_stage: str
    of_slowest_stage: float

    @classmethod
    def of(cls, images_per_second: float, stages: Sequence[StageRate], device: str) -> Efficiency:
        """Compare a run with its stages."""
        apart = [stage for stage in stages if stage.name == "infer" and device != "cpu"]
        sharing = [stage for stage in stages if stage not in apart]
        bound = min(
            1 / sum(1 / stage.images_per_second for stage in sharing),
            *(stage.images_per_second for stage in apart),
            float("inf"),
        )
        slowest = min(stages, key=lambda stage: stage.images_per_second)
        return cls(
            bound_images_per_second=bound,
            efficiency=images_per_second / bound,
            slowest_stage=slowest.name,
            of_slowest_stage=images_per_second / slowest.images_per_second,
        )
