from dataclasses import replace

import pytest

from colorize_batch.benchmarks.engine.end_to_end import EndToEnd
from colorize_batch.benchmarks.engine.stage_rates import StageRate
from colorize_batch.benchmarks.engine.statistics import Percentiles, PowerLaw, median_of

RUN = EndToEnd(
    device="cpu",
    batch_size=4,
    megapixels=2.0,
    seconds=3.0,
    images_per_second=10.0,
    megapixels_per_second=20.0,
    cpu_ms=5.0,
    latency_ms=Percentiles(p50=1.0, p95=2.0, p99=3.0),
    peak_rss_mib=100.0,
)


def test_field_by_field():
    runs = [
        RUN,
        replace(RUN, cpu_ms=7.0, latency_ms=Percentiles(p50=9.0, p95=2.0, p99=1.0)),
        replace(RUN, cpu_ms=6.0, seconds=1.0),
    ]
    median = median_of(runs)
    assert median == replace(RUN, cpu_ms=6.0)
    assert median_of(runs[1:]).cpu_ms == 6.5


def test_within_tuples():
    rates = [
        (StageRate(name="read", images_per_second=rate, ms=1.0, cpu_ms=1.0),)
        for rate in (3.0, 1.0, 2.0)
    ]
    assert median_of(rates) == (rates[2][0],)


def test_what_should_agree_must():
    with pytest.raises(ValueError, match="same in every measurement"):
        median_of([RUN, replace(RUN, device="cuda:0")])
    with pytest.raises(ValueError, match="at least one"):
        median_of([])


def test_interpolates():
    percentiles = Percentiles.of([float(value) for value in reversed(range(101))])
    assert (percentiles.p50, percentiles.p95, percentiles.p99) == (50, 95, 99)
    assert Percentiles.of([1.0, 2.0]).p50 == 1.5


def test_one_value_is_all_of_them():
    assert Percentiles.of([7.0]) == Percentiles(p50=7.0, p95=7.0, p99=7.0)


def test_empty():
    with pytest.raises(ValueError, match="at least one value"):
        Percentiles.of([])


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 1.7])
def test_finds_the_exponent(exponent):
    sizes = [0.25, 2.0, 12.0, 100.0]
    law = PowerLaw.fitted(sizes, [3 * size**exponent for size in sizes])
    assert law.exponent == pytest.approx(exponent, abs=1e-9)
    assert law.factor == pytest.approx(3)
    assert law.cost(50) == pytest.approx(3 * 50**exponent)


def test_least_squares_of_the_logarithms():
    law = PowerLaw.fitted([1, 10, 100], [1, 100, 100])
    assert law.exponent == pytest.approx(1.0)
    assert law.factor == pytest.approx(10 ** (1 / 3))


@pytest.mark.parametrize(
    ("sizes", "costs", "message"),
    [
        ([1], [2], "two sizes or more"),
        ([1, 1], [2, 3], "two sizes or more"),
        ([1, 2], [3], "two sizes or more"),
        ([1, 2], [0, 1], "positive"),
        ([-1, 2], [1, 1], "positive"),
    ],
)
def test_refuses(sizes, costs, message):
    with pytest.raises(ValueError, match=message):
        PowerLaw.fitted(sizes, costs)
