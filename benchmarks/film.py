"""Film: speed against decoding and encoding alone, and how steady the colour is.

    python benchmarks/film.py CLIP... [--sizes 640x360,1920x1080] [--rounds 3]

Speed: each round runs PyAV decode + encode with the same settings, then the whole road, so both
see the same machine; the ratio of the medians is what counts. Steadiness: flicker (mean change of
a*, b* along the motion) of the default against each frame by itself, and, where the clip is in
colour, CIEDE2000 against it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import onnxruntime

from colorize_batch.engine.backends.backend import Backend, open_backend
from colorize_batch.engine.color_check import is_in_color
from colorize_batch.engine.film.color_track import ColorTrack, TrackState
from colorize_batch.engine.film.film_info import film_info
from colorize_batch.engine.film.film_options import FilmOptions
from colorize_batch.engine.film.film_runner import FilmRunner
from colorize_batch.engine.film.flicker import flicker
from colorize_batch.engine.film.frame_predictor import FramePredictor
from colorize_batch.engine.film.frame_view import FrameViewer
from colorize_batch.engine.film.planes import plane_of
from colorize_batch.engine.model_files import DEFAULT_MODEL, model_file
from colorize_batch.kernels.reference import lab_from_srgb, srgb_from_lab
from colorize_batch.training.evaluation.ciede2000 import ciede2000

DEFAULTS = FilmOptions()
COLOR_EVERY = 5


def main() -> None:
    """Run and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--sizes", default="640x360,1920x1080")
    parser.add_argument("--frames", type=int, default=240, help="of each clip, for speed")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(f"PyAV {av.__version__}, ONNX Runtime {onnxruntime.__version__}, {os.cpu_count()} cores")
    with closing(open_backend(model_file(DEFAULT_MODEL))) as backend:
        print(
            f"\n{'clip':24} {'size':>10} {'alone':>8} {'with':>8} {'ratio':>6}   "
            f"{'CPU ms':>7} {'with':>7} {'ratio':>6}"
        )
        for clip in arguments.clips:
            for size in arguments.sizes.split(","):
                width, height = map(int, size.split("x"))
                _print_speed(backend, clip, (height, width), arguments.frames, arguments.rounds)
        print(
            f"\n{'clip':24} {'looks':>6} {'flicker':>8} {'alone':>6} {'less':>6}   {'CIEDE2000':>9}"
        )
        for clip in arguments.clips:
            _print_steadiness(backend, clip)


def _print_speed(
    backend: Backend, clip: Path, size: tuple[int, int], frames: int, rounds: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in.mp4")
        count = _write_scaled(clip, source, size, frames)
        runner = FilmRunner(backend, "", DEFAULTS)
        alone: list[tuple[float, float]] = []
        ours: list[tuple[float, float]] = []
        for _ in range(rounds):
            alone.append(_timed(lambda: _transcode(source, Path(folder, "alone.mp4"))))
            ours.append(_timed(lambda: runner.run(source, Path(folder, "ours.mp4"))))
    wall, cpu = (
        [statistics.median(times[part] for times in runs) / count for runs in (alone, ours)]
        for part in (0, 1)
    )
    print(
        f"{clip.stem:24} {size[1]}x{size[0]:<5} {1 / wall[0]:8.1f} {1 / wall[1]:8.1f} "
        f"{wall[0] / wall[1]:6.2f}   {cpu[0] * 1e3:7.2f} {cpu[1] * 1e3:7.2f} {cpu[0] / cpu[1]:6.2f}"
    )


def _write_scaled(clip: Path, path: Path, size: tuple[int, int], frames: int) -> int:
    """The first frames of a clip at a size, in gray, coded cheaply; gives their number."""
    count = 0
    with av.open(str(clip)) as film, av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "16", "preset": "veryfast"})
        stream.height, stream.width = size
        for count, frame in enumerate(film.decode(video=0), start=1):
            scaled = frame.reformat(size[1], size[0], "yuv420p")
            for index in (1, 2):
                plane_of(scaled, index, 8)[:] = 128
            scaled.pts, scaled.time_base, scaled.pict_type = count, Fraction(1, 25), 0
            out.mux(stream.encode(scaled))
            if count == frames:
                break
        out.mux(stream.encode(None))
    return count


def _transcode(source: Path, output: Path) -> None:
    """Decode and encode with the default settings, and nothing else."""
    with av.open(str(source)) as film, av.open(str(output), "w") as out:
        video = film.streams.video[0]
        video.thread_type = "AUTO"
        options = {"crf": "18", "preset": "medium"}
        stream = out.add_stream("libx264", rate=video.average_rate, options=options)
        stream.height, stream.width = video.height, video.width
        stream.codec_context.time_base = video.time_base or Fraction(1, 25)
        stream.thread_type = "AUTO"
        for frame in film.decode(video):
            frame.pict_type = 0
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _print_steadiness(backend: Backend, clip: Path) -> None:
    info = film_info(clip)
    predictor = FramePredictor(backend, info)
    viewer = FrameViewer(
        info.layout,
        info.tags,
        is_interlaced=info.is_interlaced,
        motion_height=predictor.motion_height,
        motion_width=predictor.motion_width,
    )
    tracks = {
        "smooth": ColorTrack(strength=DEFAULTS.strength),
        "off": ColorTrack(strength=0.0, every=1),
    }
    states: dict[str, list[TrackState]] = {name: [] for name in tracks}
    luma, truth = [], []
    with av.open(str(clip)) as film:
        for number, frame in enumerate(film.decode(video=0)):
            view = viewer.view(frame)
            luma.append(view.small_u8)
            predicted = predictor.ab_planes(view, number)
            for name, track in tracks.items():
                before = states[name][-1] if states[name] else None
                states[name].append(track.next(before, view.small_u8, lambda p=predicted: p))
            if number % COLOR_EVERY == 0:
                truth.append(frame.to_ndarray(format="rgb24"))
    smooth, alone = (
        flicker(luma, [state.ab_planes for state in states[name]]) for name in ("smooth", "off")
    )
    errors = (
        " against ".join(f"{_error(states[name][::COLOR_EVERY], truth):.2f}" for name in tracks)
        if is_in_color(np.concatenate(truth))
        else "-"
    )
    looks = f"{states['smooth'][-1].looks}/{len(luma)}"
    print(
        f"{clip.stem:24} {looks:>6} {smooth:8.2f} {alone:6.2f} {1 - smooth / alone:6.0%}   {errors}"
    )


def _error(states: list[TrackState], truth: list[np.ndarray]) -> float:
    """Mean CIEDE2000 at the size of the model's colour."""
    errors = []
    for state, rgb in zip(states, truth, strict=True):
        size = state.ab_planes.shape[:0:-1]
        meant = lab_from_srgb(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) / 255)
        found = np.concatenate([meant[..., :1], np.moveaxis(state.ab_planes, 0, 2)], axis=2)
        shown = lab_from_srgb(np.clip(srgb_from_lab(found), 0, 1))
        errors.append(float(ciede2000(meant, shown).mean()))
    return float(np.mean(errors))


if __name__ == "__main__":
    main()
