import pytest

from colorize_batch.benchmarks.engine.percentiles import Percentiles


def test_interpolates():
    percentiles = Percentiles.of([float(value) for value in reversed(range(101))])
    assert (percentiles.p50, percentiles.p95, percentiles.p99) == (50, 95, 99)
    assert Percentiles.of([1.0, 2.0]).p50 == 1.5


def test_one_value_is_all_of_them():
    assert Percentiles.of([7.0]) == Percentiles(p50=7.0, p95=7.0, p99=7.0)


def test_empty():
    with pytest.raises(ValueError, match="at least one value"):
        Percentiles.of([])
