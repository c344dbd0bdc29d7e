import os

import pytest

from colorize_batch.benchmarks.engine.fresh_process import in_fresh_process
from colorize_batch.benchmarks.engine.process_usage import cpu_seconds, peak_rss_mib
from colorize_batch.errors import BackendError


def test_memory_and_time_are_its_own():
    hoard = bytearray(300 * 2**20)
    hoard[:: 2**12] = b"x" * (len(hoard) // 2**12)
    assert peak_rss_mib() > 300
    assert in_fresh_process(peak_rss_mib) < 250
    assert 0 < in_fresh_process(cpu_seconds) < cpu_seconds() + 10
    assert in_fresh_process(os.getpid) != os.getpid()


def test_errors_come_back():
    with pytest.raises(ValueError, match="invalid literal"):
        in_fresh_process(int, "x")


def test_a_death_is_told():
    with pytest.raises(BackendError, match="the measuring process died"):
        in_fresh_process(os._exit, 1)
