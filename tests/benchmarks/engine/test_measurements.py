"""End to end, by stage, and from the start: that they measure what they say; no times are judged."""

import sys
from dataclasses import replace

import pytest

from colorize_batch.benchmarks.engine.end_to_end import measure_end_to_end
from colorize_batch.benchmarks.engine.picture_mix import PictureMix
from colorize_batch.benchmarks.engine.stage_rates import STAGES, measure_stages
from colorize_batch.benchmarks.engine.start_up import measure_start_up
from colorize_batch.benchmarks.engine.workload import Workload
from colorize_batch.chosen_model import choose_model
from colorize_batch.engine.threads.cores import available_cores
from colorize_batch.errors import BackendError, PictureError


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return PictureMix.parsed("0.01", "jpg+png").files_in(tmp_path_factory.mktemp("in"))


@pytest.fixture
def workload(tmp_path, files, tiny_model):
    return Workload(
        model=choose_model(tiny_model, "cpu"),
        batch_size=0,
        files=files,
        count=11,
        folder=tmp_path / "out",
    )


def test_end_to_end(workload):
    run = measure_end_to_end(workload)
    assert run.device == "cpu"
    assert run.batch_size >= 1
    assert run.megapixels == pytest.approx(0.01, rel=0.02)
    assert run.images_per_second == pytest.approx(workload.count / run.seconds)
    assert run.megapixels_per_second == pytest.approx(run.images_per_second * run.megapixels)
    assert 0 < run.latency_ms.p50 <= run.latency_ms.p95 <= run.latency_ms.p99
    assert run.latency_ms.p99 <= run.seconds * 1e3
    assert run.cpu_ms > 0
    assert run.peak_rss_mib > 10
    assert not workload.folder.exists()


def test_stages(workload):
    rates = measure_stages(replace(workload, batch_size=3))
    assert tuple(rate.name for rate in rates) == STAGES
    for rate in rates:
        # On the CPU every stage, the network too, has a thread a core.
        assert rate.images_per_second == pytest.approx(available_cores() * 1e3 / rate.ms)
    assert sum(rate.cpu_ms for rate in rates) > 0
    assert not workload.folder.exists()


def test_stages_in_portions(workload, monkeypatch):
    from colorize_batch.benchmarks.engine import stage_rates

    whole = []
    portions = stage_rates._Stages._portions

    def spy(self, workload):
        for portion in portions(self, workload):
            whole.append(len(portion))
            yield portion

    monkeypatch.setattr(stage_rates._Stages, "_portions", spy)
    monkeypatch.setattr(stage_rates, "_PIXELS_AT_A_TIME", 25_000)
    measure_stages(workload)
    assert whole == [2, 2, 2, 2, 2, 2, 2, 2, 2, 1]


@pytest.mark.parametrize("measure", [measure_end_to_end, measure_stages])
def test_a_picture_that_fails_is_named(workload, tmp_path, measure):
    broken = tmp_path / "broken.png"
    broken.write_bytes(workload.files[1].read_bytes()[:-900])
    with pytest.raises(PictureError, match=r"broken\.png: truncated or damaged"):
        measure(replace(workload, files=(broken,)))


def test_start_up(workload, tmp_path):
    copy = "import shutil, sys, time; time.sleep(0.2); shutil.copy(*sys.argv[1:])"
    output = tmp_path / "first.jpg"
    seconds = measure_start_up([sys.executable, "-c", copy], workload.files[0], output)
    assert 0.2 < seconds < 100
    assert not output.exists()


def test_start_up_of_what_fails(workload, tmp_path):
    fail = "import sys; sys.exit('out of paint')"
    with pytest.raises(BackendError, match=r"wrote no first\.jpg: out of paint"):
        measure_start_up([sys.executable, "-c", fail], workload.files[0], tmp_path / "first.jpg")
