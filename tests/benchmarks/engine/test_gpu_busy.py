"""The GPU's busy share: from a back end that counts, through the medians, into the report."""

from __future__ import annotations

import time

import pytest

from colorize_batch.benchmarks.engine.end_to_end import measure_end_to_end
from colorize_batch.benchmarks.engine.machine import Machine
from colorize_batch.benchmarks.engine.picture_mix import PictureMix
from colorize_batch.benchmarks.engine.report import Report
from colorize_batch.benchmarks.engine.run_report import RunReport
from colorize_batch.benchmarks.engine.stage_rates import measure_stages
from colorize_batch.benchmarks.engine.tables import tables_of
from colorize_batch.benchmarks.engine.workload import Workload
from colorize_batch.chosen_model import ChosenModel, OpenModel, choose_model
from tests.conftest import TINY_CONTRACT
from tests.engine.inference.tensorrt.fake_tensorrt import rule


class TwoGpus:
    """Counts half of the time of every batch for the first of two GPUs."""

    contract = TINY_CONTRACT
    device = "cuda:0,1"
    callers = 2
    preferred_batch_size = 4
    pause_s = 0.02

    def __init__(self):
        self.busy_seconds = (3.0, 1.0)

    def infer(self, l_batch):
        time.sleep(self.pause_s)
        first, second = self.busy_seconds
        self.busy_seconds = (first + self.pause_s / 2, second)
        return rule(l_batch)

    def interrupt(self):
        pass

    def close(self):
        pass


@pytest.fixture
def workload(tmp_path, tiny_model):
    return Workload(
        model=choose_model(tiny_model, "cpu"),
        batch_size=0,
        files=PictureMix.parsed("0.005", "jpg").files_in(tmp_path),
        count=9,
        folder=tmp_path / "out",
    )


def test_the_share_goes_from_the_events_into_the_table(workload, monkeypatch, tmp_path):
    opened = []

    def open_fake(model):
        opened.append(TwoGpus())
        return OpenModel(model, opened[-1])

    monkeypatch.setattr(ChosenModel, "open", open_fake)
    run = measure_end_to_end(workload)
    # After the warm-up only, over the wall time, and the mean of both.
    warm_up = opened[0].busy_seconds[0] - 3.0 - 2 * run.seconds * run.gpu_busy
    assert warm_up > 0
    assert 0 < run.gpu_busy < 0.5
    report = RunReport.of(
        [run, run],
        [measure_stages(workload)] * 2,
        pictures="small",
        formats="jpg",
        count=9,
        batch="auto",
    )
    assert report.end_to_end.gpu_busy == run.gpu_busy
    # The network is on another device: it does not share the cores.
    rates = [stage.images_per_second for stage in report.stages if stage.name == "infer"]
    assert report.efficiency.bound_images_per_second <= rates[0]
    whole = Report(
        date="2026-01-01",
        machine=Machine.here(),
        model="tiny.engine",
        model_sha256="0" * 64,
        repeats=2,
        scratch="memory",
        start_up_s=1.0,
        runs=(report,),
        growths=(),
    )
    whole.write(tmp_path / "report.json")
    throughput = tables_of(Report.read(tmp_path / "report.json"))[0]
    assert throughput.header[-1] == "GPU busy"
    assert throughput.rows[0][-1] == f"{run.gpu_busy:.0%}"


def test_on_the_cpu_nothing_is_said_of_gpus(workload):
    run = measure_end_to_end(workload)
    assert run.gpu_busy is None
