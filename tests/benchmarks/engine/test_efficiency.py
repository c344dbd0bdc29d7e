import pytest

from colorize_batch.benchmarks.engine.efficiency import Efficiency
from colorize_batch.benchmarks.engine.stage_rates import STAGES, StageRate


def stages(*rates: float) -> tuple[StageRate, ...]:
    return tuple(
        StageRate(name=name, images_per_second=rate, ms=1.0, cpu_ms=1.0)
        for name, rate in zip(STAGES, rates, strict=True)
    )


def test_stages_share_the_cores():
    found = Efficiency.of(9.0, stages(100, 100, 20, 50, 100), "cpu")
    assert found.bound_images_per_second == pytest.approx(10)
    assert found.efficiency == pytest.approx(0.9)
    assert found.slowest_stage == "infer"
    assert found.of_slowest_stage == pytest.approx(0.45)


def test_another_device_does_not_share():
    host_bound = Efficiency.of(9.0, stages(40, 40, 500, 40, 40), "cuda:0")
    assert host_bound.bound_images_per_second == pytest.approx(10)
    device_bound = Efficiency.of(9.0, stages(400, 400, 18, 400, 400), "cuda:0")
    assert device_bound.bound_images_per_second == 18
    assert device_bound.efficiency == device_bound.of_slowest_stage == 0.5
