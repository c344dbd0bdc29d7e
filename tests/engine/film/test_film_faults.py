"""Runs that end early, films that are damaged, and those that are long."""

from __future__ import annotations

import errno
import resource
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from colorize_batch.engine.film.media.libav import av
from colorize_batch.engine.film.segments import segment
from colorize_batch.engine.film.segments.segment_store import store_folder
from colorize_batch.errors import BackendError, UnreadableError, UnwritableError

from .films import SHAPE, add_audio, decoded, packets, seconds, tone, write_film

PAGE = resource.getpagesize()


def test_stop_gives_a_film_that_plays_and_the_next_run_goes_on(colorize, tmp_path):
    source = write_film(tmp_path / "in.mp4", frames=60, audio=True)
    whole, output = tmp_path / "whole.mp4", tmp_path / "out.mp4"
    colorize(source, whole, segment_frames=10)
    stop = threading.Event()

    def show(painted):
        if painted.state.frame == 24:
            stop.set()

    report = colorize(source, output, segment_frames=10, run={"stop": stop, "show": show})
    assert not report.whole
    frames = len(decoded(output))
    assert 25 <= frames == report.frames < 60
    assert abs(packets(output, "audio")[-1][1] - Fraction(frames, 25)) < Fraction(1, 10)
    report = colorize(source, output, segment_frames=10)
    assert (report.whole, report.frames, report.resumed) == (True, 60, frames)
    assert seconds(output) == seconds(source)
    assert packets(output, "audio") == packets(source, "audio")
    assert not store_folder(output).exists()


def test_a_resumed_run_gives_the_same_film(colorize, backend, tmp_path):
    source = write_film(tmp_path / "in.mp4", frames=40)
    colorize(source, tmp_path / "whole.mp4", segment_frames=10, every=7)

    def fail(painted):
        if painted.state.frame == 25:
            raise BackendError("the power is gone")

    backend.looks = 0
    with pytest.raises(BackendError):
        colorize(source, tmp_path / "out.mp4", segment_frames=10, every=7, run={"show": fail})
    assert not (tmp_path / "out.mp4").exists()
    backend.looks = 3  # at frames 0, 7 and 14: the store holds 20 frames
    report = colorize(source, tmp_path / "out.mp4", segment_frames=10, every=7)
    assert report.resumed == 20
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def test_other_settings_start_anew(colorize, tmp_path):
    source = write_film(tmp_path / "in.mp4", frames=20)
    stop = threading.Event()
    stop_at_12 = {"stop": stop, "show": lambda p: p.state.frame == 12 and stop.set()}
    colorize(source, tmp_path / "out.mp4", segment_frames=5, run=stop_at_12)
    report = colorize(source, tmp_path / "out.mp4", segment_frames=5, strength=0.5)
    assert (report.resumed, report.frames) == (0, 20)


def test_a_full_disk_is_told_and_later_goes_on(colorize, tmp_path, monkeypatch):
    source = write_film(tmp_path / "in.mp4", frames=30)
    finish = segment.SegmentWriter.finish

    def full(self, state):
        if state.frame > 15:
            raise OSError(errno.ENOSPC, "No space left on device")
        finish(self, state)

    monkeypatch.setattr(segment.SegmentWriter, "finish", full)
    with pytest.raises(UnwritableError, match="the disk is full; free some and run the same"):
        colorize(source, tmp_path / "out.mp4", segment_frames=10)
    assert sorted(path.name for path in store_folder(tmp_path / "out.mp4").iterdir()) == [
        "000000.npz", "000000.segment", "job.json", "lock",
    ]  # fmt: skip
    monkeypatch.undo()
    report = colorize(source, tmp_path / "out.mp4", segment_frames=10)
    assert (report.resumed, report.frames) == (10, 30)


def test_a_truncated_film_ends_where_it_ends(colorize, tmp_path):
    source = write_film(
        tmp_path / "in.ts", codec="mpeg2video", frames=50, time_base=Fraction(1, 25)
    )
    source.write_bytes(source.read_bytes()[: source.stat().st_size * 2 // 3])
    report = colorize(source, tmp_path / "out.mp4")
    assert 20 < report.frames == len(decoded(tmp_path / "out.mp4")) < 50


@pytest.mark.parametrize("codec", ["ffv1", "mjpeg", "libx264"])
def test_damaged_packets_are_left_out_and_counted(colorize, tmp_path, codec):
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    write_film(tmp_path / "good.mkv", codec=codec, pix_fmt=pix_fmt, frames=20)
    with (
        av.open(str(tmp_path / "good.mkv")) as good,
        av.open(str(tmp_path / "in.mkv"), "w") as damaged,
    ):
        stream = damaged.add_stream_from_template(good.streams.video[0], opaque=True)
        for index, packet in enumerate(good.demux()):
            if packet.size:
                if index in (5, 11):
                    packet.update(b"\xff" * packet.size)
                packet.stream = stream
                damaged.mux(packet)
    report = colorize(tmp_path / "in.mkv", tmp_path / "out.nut", encoder="ffv1")
    times = seconds(tmp_path / "out.nut")
    assert report.damaged >= 2
    assert 12 <= len(times) <= 20  # ffv1 needs the frames before it, up to a key frame
    assert times == sorted(set(times))
    assert set(times) <= {Fraction(index, 25) for index in range(20)}


def test_films_that_are_none(colorize, tmp_path):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "noise.mkv").write_bytes(np.random.default_rng(1).bytes(5000))
    with av.open(str(tmp_path / "sound.mp4"), "w") as out:
        sound = add_audio(out)
        out.mux(sound.encode(tone(0)))
        out.mux(sound.encode(None))
    for name in ("empty.mp4", "noise.mkv", "sound.mp4", "missing.mp4"):
        with pytest.raises(UnreadableError, match=name):
            colorize(tmp_path / name, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_a_change_of_size_is_scaled_to_the_first(colorize, tmp_path):
    parts = [
        write_film(tmp_path / f"{number}.h264", frames=8, shape=shape).read_bytes()
        for number, shape in enumerate([SHAPE, (64, 96)])
    ]
    (tmp_path / "in.h264").write_bytes(b"".join(parts))
    report = colorize(tmp_path / "in.h264", tmp_path / "out.mp4")
    assert report.resized == 8
    frames = decoded(tmp_path / "out.mp4")
    assert {(frame.height, frame.width) for frame in frames} == {SHAPE}
    assert len(frames) == 16


def test_memory_does_not_grow_with_the_film(colorize, tmp_path):
    source = write_film(
        tmp_path / "in.mp4", frames=1500, shape=(32, 48), options={"preset": "ultrafast"}
    )
    resident = []

    def show(painted):
        if painted.state.frame in (300, 1499):
            resident.append(int(Path("/proc/self/statm").read_text().split()[1]) * PAGE)

    colorize(source, tmp_path / "out.mp4", preset="ultrafast", run={"show": show})
    assert resident[1] - resident[0] < 4 * 2**20
