"""Each stage of the engine by itself, with the machine to itself."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ...engine.atomic_write import write_atomically
from ...engine.batch.batch_assembler import BatchAssembler
from ...engine.batch.passage import Passage
from ...engine.batch.runner_options import RunnerOptions
from ...engine.inference.backend import Backend
from ...engine.inference.working_shape import working_shape
from ...engine.pictures.formats import format_of
from ...engine.pictures.reader import open_picture
from ...errors import PictureError
from .process_usage import cpu_seconds
from .workload import WARM_UP_COUNT, Workload

STAGES: Final = ("read", "preprocess", "infer", "recolor", "write")
# Pictures of so many pixels wait together between two stages.
_PIXELS_AT_A_TIME: Final = 128_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRate:
    """Rate of one stage when nothing else runs.

    Parameters
    ----------
    name
        One of `STAGES`.
    images_per_second
        With as many threads as it has in the engine, all of them busy.
    ms
        Wall time of a picture in one of these threads; of "infer", a batch's time over its size.
    cpu_ms
        User and system time of a picture.
    """

    name: str
    images_per_second: float
    ms: float
    cpu_ms: float


def measure_stages(workload: Workload) -> tuple[StageRate, ...]:
    """Run the workload through one stage at a time; outputs are deleted.

    Raises
    ------
    PictureError
        A picture failed.
    """
    with workload.model.open() as opened:
        backend = opened.backend
        warm_up = _Stages(backend, workload.options)
        warm_up.take(replace(workload, count=min(workload.count, WARM_UP_COUNT)))
        stages = _Stages(backend, workload.options)
        stages.take(workload)
        return stages.rates()


class _Stages:
    """The work of `StreamingRunner`, without its pipeline."""

    def __init__(self, backend: Backend, options: RunnerOptions) -> None:
        self._backend = backend
        self._options = options
        self._cpu_seconds = dict.fromkeys(STAGES, 0.0)
        self._timings_ms: list[dict[str, float]] = []

    def take(self, workload: Workload) -> None:
        with ThreadPoolExecutor(self._options.threads) as pool:
            for passages in self._portions(workload):
                for name in STAGES:
                    cpu_before = cpu_seconds()
                    if name == "infer":
                        callers = self._backend.callers
                        shares = [passages[start::callers] for start in range(callers)]
                        _consume(pool.map(self._infer_all, shares))
                    else:
                        _consume(pool.map(self._timed(name), passages))
                    self._cpu_seconds[name] += cpu_seconds() - cpu_before
                self._timings_ms += [passage.timings_ms for passage in passages]
                shutil.rmtree(workload.folder)

    def rates(self) -> tuple[StageRate, ...]:
        """Rates of all stages measured so far."""
        count = len(self._timings_ms)
        rates = []
        for name in STAGES:
            ms = sum(timings[name] for timings in self._timings_ms) / count
            threads = self._backend.callers if name == "infer" else self._options.threads
            rates.append(
                StageRate(
                    name=name,
                    images_per_second=threads * 1e3 / ms,
                    ms=ms,
                    cpu_ms=self._cpu_seconds[name] * 1e3 / count,
                )
            )
        return tuple(rates)

    def _portions(self, workload: Workload) -> Iterator[list[Passage]]:
        pixels_of = {}
        for file in workload.files:
            header = open_picture(
                file.read_bytes(), picture_format=None, max_pixels=self._options.max_pixels
            )
            pixels_of[file] = header.height * header.width
        portion: list[Passage] = []
        pixels = 0
        for ticket, job in enumerate(workload.jobs()):
            if portion and pixels + pixels_of[job.source] > _PIXELS_AT_A_TIME:
                yield portion
                portion, pixels = [], 0
            portion.append(Passage(ticket, job))
            pixels += pixels_of[job.source]
        yield portion

    def _timed(self, name: str) -> Callable[[Passage], None]:
        work: Callable[[Passage], None] = getattr(self, f"_{name}")

        def timed(passage: Passage) -> None:
            try:
                with passage.timed(name):
                    work(passage)
            except PictureError as error:
                raise PictureError(f"{passage.job.source}: {error}") from error

        return timed

    def _read(self, passage: Passage) -> None:
        assert passage.job.output is not None
        file_bytes = passage.job.source.read_bytes()
        passage.source_sha256 = hashlib.sha256(file_bytes).hexdigest()
        passage.picture = open_picture(
            file_bytes,
            picture_format=format_of(passage.job.output),
            max_pixels=self._options.max_pixels,
        ).decoded()

    def _preprocess(self, passage: Passage) -> None:
        picture = passage.picture
        assert picture is not None
        shape = working_shape(picture.height, picture.width, self._backend.contract)
        passage.l_plane = picture.l_plane(*shape)

    def _infer_all(self, passages: Sequence[Passage]) -> None:
        size = self._options.batch_size or self._backend.preferred_batch_size
        assembler: BatchAssembler[Passage] = BatchAssembler(size)
        for passage in passages:
            assert passage.l_plane is not None
            height, width = passage.l_plane.shape
            if batch := assembler.add((height, width), passage):
                self._infer(batch)
        while batch := assembler.pop_largest():
            self._infer(batch)

    def _infer(self, batch: Sequence[Passage]) -> None:
        with batch[0].timed("infer"):
            l_batch = np.stack([p.l_plane for p in batch if p.l_plane is not None])
            ab_batch = self._backend.infer(l_batch[:, np.newaxis])
        each_ms = batch[0].timings_ms["infer"] / len(batch)
        for passage, ab_planes in zip(batch, ab_batch, strict=True):
            passage.timings_ms["infer"] = each_ms
            passage.ab_planes, passage.l_plane = ab_planes, None

    def _recolor(self, passage: Passage) -> None:
        assert passage.picture is not None
        assert passage.ab_planes is not None
        passage.recolored = passage.picture.recolored(passage.ab_planes, self._options.look)
        passage.picture = passage.ab_planes = None

    def _write(self, passage: Passage) -> None:
        output = passage.job.output
        assert output is not None
        assert passage.recolored is not None
        file_bytes = passage.recolored.encoded(format_of(output), self._options.quality)
        passage.recolored = None
        write_atomically(output, file_bytes)
        passage.written(file_bytes)


def _consume(results: Iterable[None]) -> None:
    for _ in results:
        pass
