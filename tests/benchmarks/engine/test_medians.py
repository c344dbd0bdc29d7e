from dataclasses import replace

import pytest

from colorize_batch.benchmarks.engine.end_to_end import EndToEnd
from colorize_batch.benchmarks.engine.medians import median_of
from colorize_batch.benchmarks.engine.percentiles import Percentiles
from colorize_batch.benchmarks.engine.stage_rates import StageRate

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
