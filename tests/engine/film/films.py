"""Films of every kind, made by PyAV, and what is read back from them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from colorize_batch.engine.film.media.libav import av
from colorize_batch.engine.film.media.planes import plane_of

RATE = 25
TICK = Fraction(1, 12800)
SHAPE = (48, 64)


def luma(index, height=SHAPE[0], width=SHAPE[1], top=235, low=16):
    """(height, width) texture that moves a pixel to the right with each frame."""
    rows, columns = np.mgrid[0:height, 0:width]
    wave = np.sin((columns - index) / 5.0) * np.cos(rows / 7.0) + 0.3 * np.sin(
        (columns - index) * 2 + rows
    )
    return np.clip(low + (wave + 1.3) / 2.6 * (top - low), low, top)


def frame_of(index, pix_fmt="yuv420p", height=SHAPE[0], width=SHAPE[1], **tags):
    """A frame of `luma`; RGB formats come by conversion."""
    frame = av.VideoFrame(width, height, pix_fmt if not is_packed(pix_fmt) else "yuv444p")
    depth = frame.format.components[0].bits
    unit = 2 ** (depth - 8)
    plane_of(frame, 0, depth)[:] = luma(index, height, width) * unit
    for number in range(1, len(frame.planes)):
        plane_of(frame, number, depth)[:] = 128 * unit
    for name, value in tags.items():
        setattr(frame, name, value)
    return frame.reformat(format=pix_fmt) if is_packed(pix_fmt) else frame


def is_packed(pix_fmt):
    return pix_fmt.startswith(("rgb", "bgr", "gbr", "nv", "yuyv", "pal"))


def write_film(
    path: Path,
    *,
    codec="libx264",
    pix_fmt="yuv420p",
    shape=SHAPE,
    frames=12,
    ticks=None,
    time_base=TICK,
    audio=False,
    options=None,
    prepare=lambda stream: None,
    container=None,
    make=frame_of,
    **tags,
):
    """Write a film; `prepare` may change the stream, `container` the container, before the start."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=RATE, options=options or {})
        stream.height, stream.width, stream.pix_fmt = *shape, pix_fmt
        stream.codec_context.time_base = time_base
        stream.time_base = time_base
        for name, value in tags.items():
            setattr(stream.codec_context, name, value)
        prepare(stream)
        sound = add_audio(out) if audio else None
        if container is not None:
            container(out)
        ticks = ticks or [round(index / RATE / time_base) for index in range(frames)]
        for index, pts in enumerate(ticks):
            frame = make(index, pix_fmt, *shape, **tags)
            frame.pts, frame.time_base = pts, time_base
            frame.duration = round(1 / RATE / time_base)
            out.mux(stream.encode(frame))
            if sound is not None:
                out.mux(sound.encode(tone(index)))
        out.mux(stream.encode(None))
        if sound is not None:
            out.mux(sound.encode(None))
    return path


def add_audio(out):
    sound = out.add_stream("mp2", rate=48000)
    sound.codec_context.format, sound.codec_context.layout = "s16", "mono"
    return sound


def tone(index):
    """The sound of one video frame: 1920 samples."""
    samples = (8000 * np.sin(np.arange(1920 * index, 1920 * (index + 1)) / 20)).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 48000, 1920 * index, Fraction(1, 48000)
    return frame


def decoded(path, stream=0, **options):
    """Frames of a film."""
    with av.open(str(path), options=options) as film:
        return list(film.decode(film.streams.video[stream]))


def seconds(path):
    """Exact times of the frames."""
    return [frame.pts * frame.time_base for frame in decoded(path)]


def luma_planes(frames):
    return [plane_of(frame, 0, frame.format.components[0].bits).copy() for frame in frames]


def packets(path, kind):
    """(bytes, pts in seconds) of the packets of the first stream of a kind."""
    with av.open(str(path)) as film:
        stream = next(stream for stream in film.streams if stream.type == kind)
        return [
            (bytes(packet), packet.pts * packet.time_base)
            for packet in film.demux(stream)
            if packet.size
        ]
