"""What colour is measured against: the same film through the same codecs, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ...engine.film.media.film_info import FilmInfo, open_film, video_stream
from ...engine.film.media.libav import av
from ...engine.film.media.planes import plane_of
from ...engine.film.media.video_encoder import VideoEncoder
from ...engine.pictures.natural_picture import natural_picture

if TYPE_CHECKING:
    from av import VideoFrame

RATE: Final = Fraction(25)


def transcode(info: FilmInfo, encoder: VideoEncoder, output: Path) -> None:
    """Decode a film and encode it as a run would, without touching a frame.

    Parameters
    ----------
    info
        Of the film; its frames have the encoder's pixel format.
    encoder
        As of the run it is compared with.
    output
        To write to.
    """
    with open_film(info.path, info.sequence_rate) as film, av.open(str(output), "w") as out:
        stream = out.add_stream(encoder.encoder.name, rate=encoder.rate)
        assert isinstance(stream, av.VideoStream)
        encoder.configure(stream.codec_context)
        for frame in film.decode(video_stream(film, info.stream, info.path)):
            frame.pict_type = 0
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def write_gray(clip: Path | None, path: Path, height: int, width: int, frames: int) -> int:
    """Write the first frames of a clip at a size, without colour, coded cheaply.

    Parameters
    ----------
    clip
        None: a window that pans over a picture made from a seed, a new one every 100 frames.
    path
        To write to.

    Returns
    -------
    int
        How many frames there are.
    """
    count = 0
    with av.open(str(path), "w") as out:
        options = {"crf": "16", "preset": "veryfast"}
        stream = out.add_stream("libx264", rate=RATE, options=options)
        stream.height, stream.width = height, width
        frames_of = _panned(height, width) if clip is None else _decoded(clip, height, width)
        for count, frame in enumerate(frames_of, start=1):
            for index in (1, 2):
                plane_of(frame, index, 8)[:] = 128
            frame.pts, frame.time_base, frame.pict_type = count, 1 / RATE, 0
            out.mux(stream.encode(frame))
            if count == frames:
                break
        out.mux(stream.encode(None))
    return count


def _decoded(clip: Path, height: int, width: int) -> Iterator[VideoFrame]:
    with open_film(clip, RATE) as film:
        for frame in film.decode(video_stream(film, 0, clip)):
            yield frame.reformat(width, height, "yuv420p")


def _panned(height: int, width: int) -> Iterator[VideoFrame]:
    scene = 0
    while True:
        picture = natural_picture(height + 50, width + 200, scene)
        grain = np.random.default_rng(scene)
        for step in range(100):
            window = picture[step // 2 :, 2 * step :][:height, :width]
            noisy = window + grain.normal(0, 2, window.shape)
            frame = av.VideoFrame(width, height, "yuv420p")
            plane_of(frame, 0, 8)[:] = np.clip(16 + noisy * (219 / 255), 16, 235)
            yield frame
        scene += 1
