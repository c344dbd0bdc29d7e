from __future__ import annotations

import pytest

from colorize_batch.cli.time_left import TimeLeft
from colorize_batch.engine.batch.job import Job, Outcome, Status


def outcome(path, side, size):
    return Outcome(job=Job(path), status=Status.DONE, height=side, width=side, source_bytes=size)


@pytest.mark.parametrize("bytes_per_pixel", [0.5, 1, 6])
def test_large_pictures_after_small_ones_count_by_their_size(tmp_path, bytes_per_pixel):
    small = [tmp_path / f"a{n}.tif" for n in range(100)]
    large = [tmp_path / f"z{n}.tif" for n in range(5)]
    for paths, side in ((small, 200), (large, 5000)):
        for path in paths:
            with path.open("wb") as file:
                file.truncate(int(bytes_per_pixel * side * side))
    left = TimeLeft([*small, *large])
    for path in small:
        left.add(outcome(path, 200, path.stat().st_size))
    # 100 x 0.54 is done, 5 x 25.5 is to come.
    assert left.seconds(10) == pytest.approx(10 * 127.5 / 54, rel=0.15)
    assert left.share_done() == pytest.approx(54 / 181.5, rel=0.15)
    for path in large:
        left.add(outcome(path, 5000, path.stat().st_size))
    assert left.seconds(100) == pytest.approx(0, abs=0.5)


def test_what_is_left_alone_takes_no_time(tmp_path):
    sources = [tmp_path / f"{n}.jpg" for n in range(4)]
    for path in sources:
        path.write_bytes(bytes(300_000))
    left = TimeLeft(sources)
    for path in sources[:2]:
        left.add(Outcome(job=Job(path), status=Status.SKIPPED, reason="exists"))
    left.add(outcome(sources[2], 1000, 300_000))
    assert left.seconds(3) == pytest.approx(3)
