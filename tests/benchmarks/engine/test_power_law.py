import pytest

from colorize_batch.benchmarks.engine.power_law import PowerLaw


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
