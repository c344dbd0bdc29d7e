from __future__ import annotations

import pytest

from colorize_batch.engine.batch import picture_stages, runner_options
from colorize_batch.engine.batch.job import Job
from colorize_batch.engine.batch.picture_stages import PictureStages
from colorize_batch.engine.batch.runner_options import RunnerOptions
from colorize_batch.engine.batch.source_bytes import SourceBytes
from colorize_batch.errors import TooLargeError
from tests.engine.batch.test_streaming_runner import FakeBackend
from tests.engine.pictures.samples import FILES, HEIGHT, WIDTH


@pytest.mark.parametrize("name", ["gray.png", "gray.jpg"])
def test_a_picture_that_does_not_fit_into_memory_is_refused(name, tmp_path, monkeypatch):
    file_bytes = FILES[name]()
    job = Job(tmp_path / name, tmp_path / "out" / name)
    source = SourceBytes(file_bytes, 0, "")
    need = PictureStages(FakeBackend(), RunnerOptions()).open(job, source).file.memory_bytes
    assert need >= 2 * HEIGHT * WIDTH
    monkeypatch.setattr(picture_stages, "available_memory", lambda: need - 1)
    with pytest.raises(
        TooLargeError, match=r"need about [0-9.]+ [kMG]B of memory, [0-9.]+ [kMG]B may be used"
    ):
        PictureStages(FakeBackend(), RunnerOptions()).open(job, source)
    monkeypatch.setattr(picture_stages, "available_memory", lambda: need)
    PictureStages(FakeBackend(), RunnerOptions()).open(job, source)


def test_little_memory_holds_few_pixels(monkeypatch):
    monkeypatch.setattr(runner_options, "available_memory", lambda: 240_000_000)
    assert RunnerOptions(workers=4).pixels_in_flight == 10_000_000
    monkeypatch.setattr(runner_options, "available_memory", lambda: None)
    assert RunnerOptions(workers=4).pixels_in_flight == 52_000_000
