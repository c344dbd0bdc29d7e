"""What each stage of a film costs, one after the other on one thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from ...engine.film.color.film_stages import FilmStages
from ...engine.film.color.track_state import TrackState
from ...engine.film.film_options import FilmOptions
from ...engine.film.media.film_info import FilmInfo
from ...engine.film.media.frame_reader import FrameReader
from ...engine.film.media.video_encoder import VideoEncoder
from ...engine.inference.backend import Backend
from .process_usage import cpu_seconds

STAGES: Final = ("decode", "convert", "view", "infer", "track", "paint", "encode")
Result = TypeVar("Result")


def stage_costs(
    backend: Backend, info: FilmInfo, encoder: VideoEncoder, options: FilmOptions
) -> dict[str, float]:
    """CPU milliseconds a frame of each of `STAGES`, codecs with all their threads.

    Parameters
    ----------
    backend, info, encoder, options
        As of a run. The network is counted on the thread that calls it, so the back end should
        have one thread.
    """
    spent: dict[str, float] = dict.fromkeys(STAGES, 0.0)

    def timed(stage: str, work: Callable[..., Result], *arguments: Any) -> Result:
        start = time.thread_time()
        result = work(*arguments)
        spent[stage] += time.thread_time() - start
        return result

    start = cpu_seconds()
    frames = list(FrameReader(info).frames())
    spent["decode"] = cpu_seconds() - start
    stages = FilmStages.of(backend, info, encoder, options)
    state: TrackState | None = None
    for number, decoded in enumerate(frames):
        frame = timed("convert", stages.converter.converted, decoded)
        view = timed("view", stages.viewer.view, frame)
        before = spent["infer"]
        state = timed(
            "track",
            stages.track.next,
            state,
            view.small_u8,
            lambda _, view=view, number=number: timed(
                "infer", stages.predictor.ab_planes, view, number
            )[0],
        )
        spent["track"] -= spent["infer"] - before
        timed("paint", stages.painter.paint, frame, view, state.ab_planes)
        frames[number] = frame
    start = cpu_seconds()
    context = encoder.opened()
    for frame in frames:
        context.encode(encoder.for_encoding(frame))
    context.encode(None)
    spent["encode"] = cpu_seconds() - start
    return {stage: seconds / max(len(frames), 1) * 1e3 for stage, seconds in spent.items()}
