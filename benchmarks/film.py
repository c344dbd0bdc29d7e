"""Film: speed against decoding and encoding alone, and how steady the colour is.

    python benchmarks/film.py CLIP... [--sizes 640x360,1920x1080] [--rounds 3]

Speed: each round runs PyAV decode + encode with the same settings, then the whole pipeline, so both
see the same machine; the ratio of the medians is what counts. Steadiness: flicker (mean change of
a*, b* along the motion) of the default against each frame by itself, and, where the clip is in
colour, CIEDE2000 against it.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import av
import cv2
import numpy as np
import onnxruntime

from colorize_batch.benchmarks.engine.film_benchmark import film_benchmark
from colorize_batch.benchmarks.engine.film_stage_costs import STAGES
from colorize_batch.chosen_model import choose_model
from colorize_batch.engine.film.color.color_track import ColorTrack
from colorize_batch.engine.film.color.film_stages import FilmStages
from colorize_batch.engine.film.color.flicker import flicker
from colorize_batch.engine.film.color.track_state import TrackState
from colorize_batch.engine.film.film_options import FilmOptions
from colorize_batch.engine.film.film_setup import video_encoder
from colorize_batch.engine.film.media.film_info import film_info
from colorize_batch.engine.inference.backend import Backend
from colorize_batch.engine.pictures.is_in_color import is_in_color
from colorize_batch.kernels.reference import lab_from_srgb, srgb_from_lab
from colorize_batch.kernels.reference.ciede2000 import ciede2000

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
    with choose_model().open() as opened:
        backend = opened.backend
        print(
            f"\n{'clip':24} {'size':>10} {'alone':>8} {'with':>8} {'ratio':>6}   "
            f"{'CPU ms':>7} {'with':>7} {'ratio':>6}   {' '.join(STAGES)} (CPU ms)"
        )
        for clip in arguments.clips:
            for size in arguments.sizes.split(","):
                _print_speed(backend, clip, size, arguments.frames, arguments.rounds)
        print(
            f"\n{'clip':24} {'looks':>6} {'flicker':>8} {'alone':>6} {'less':>6}   {'CIEDE2000':>9}"
        )
        for clip in arguments.clips:
            _print_steadiness(backend, clip)


def _print_speed(backend: Backend, clip: Path, size: str, frames: int, rounds: int) -> None:
    width, height = map(int, size.split("x"))
    report = film_benchmark(
        backend, clip, height=height, width=width, frames=frames, repeats=rounds
    )
    alone, ours = report.alone, report.colorized
    costs = " ".join(f"{report.stage_cpu_ms[stage]:.2f}" for stage in STAGES)
    print(
        f"{clip.stem:24} {size:>10} {alone.frames_per_second:8.1f} {ours.frames_per_second:8.1f} "
        f"{report.ratio:6.2f}   {alone.cpu_ms:7.2f} {ours.cpu_ms:7.2f} {report.cpu_ratio:6.2f}   "
        f"{costs}"
    )


def _print_steadiness(backend: Backend, clip: Path) -> None:
    info = film_info(clip)
    encoder = video_encoder(info, Path("out.mkv"), DEFAULTS)
    stages = FilmStages.of(backend, info, encoder, DEFAULTS)
    tracks = {
        "smooth": ColorTrack(strength=DEFAULTS.strength),
        "off": ColorTrack(strength=0.0, every=1),
    }
    states: dict[str, list[TrackState]] = {name: [] for name in tracks}
    luma, truth = [], []
    with av.open(str(clip)) as film:
        for number, frame in enumerate(film.decode(video=0)):
            view = stages.viewer.view(frame)
            luma.append(view.small_u8)
            predicted = stages.predictor.ab_planes(view, number)[0]
            for name, track in tracks.items():
                before = states[name][-1] if states[name] else None
                states[name].append(track.next(before, view.small_u8, lambda _, p=predicted: p))
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
