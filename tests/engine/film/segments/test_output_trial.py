from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from colorize_batch.engine.film.film_options import FilmOptions
from colorize_batch.engine.film.film_plan import chosen_output, film_info_of, film_plan
from colorize_batch.engine.film.media.libav import Disposition, av
from colorize_batch.errors import UnwritableError, UsageError

from ..films import SHAPE, decoded, frame_of, packets, write_film


def sound_film(path, codec, *, layout="mono", rate=44100, frames=12):
    """A film with a tone of any codec."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=25)
        video.height, video.width, video.pix_fmt = *SHAPE, "yuv420p"
        sound = out.add_stream(codec, rate=rate)
        sound.codec_context.layout = layout
        sound.codec_context.bit_rate = 96_000
        resampler = av.AudioResampler(sound.codec_context.format, layout, rate)
        for index in range(frames):
            out.mux(video.encode(frame_of(index)))
            tone = (8000 * np.sin(np.arange(1920 * index, 1920 * (index + 1)) / 20)).astype(
                np.int16
            )
            frame = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48000, 1920 * index
            frame.time_base = Fraction(1, 48000)
            for part in resampler.resample(frame):
                out.mux(sound.encode(part))
        for stream in (video, sound):
            out.mux(stream.encode(None))
    return path


def plan(source, output, **options):
    options = FilmOptions(**options)
    return film_plan(film_info_of(source, options), output, options)


@pytest.mark.parametrize(("codec", "suffix"), [("wmav2", ".wmv"), ("adpcm_ms", ".avi")])
def test_sound_that_matroska_has_no_name_for_is_kept(colorize, tmp_path, codec, suffix):
    source = sound_film(tmp_path / f"in{suffix}", codec)
    colorize(source, tmp_path / "out.mkv")
    kept, before = packets(tmp_path / "out.mkv", "audio"), packets(source, "audio")
    assert [data for data, _ in kept] == [data for data, _ in before]
    with av.open(str(tmp_path / "out.mkv")) as film:
        assert film.streams.audio[0].codec_context.name == codec
        assert "title" not in film.streams.audio[0].metadata
        assert sum(frame.samples for frame in film.decode(audio=0)) > 20000


def test_sound_that_the_container_cannot_hold_is_refused_before_the_work(backend, tmp_path):
    source = sound_film(tmp_path / "in.wmv", "wmav2")
    with pytest.raises(UsageError, match=r"cannot hold wmav2.*name a \.mkv.*--audio convert"):
        plan(source, tmp_path / "out.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.wmv"]


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "aac"), (".webm", "opus")])
def test_sound_is_converted_on_request(colorize, tmp_path, suffix, codec):
    source = sound_film(tmp_path / "in.wmv", "wmav2", frames=25)
    said = []
    colorize(source, tmp_path / f"out{suffix}", run={"say": said.append}, audio="convert")
    assert "is converted" in said[0]
    with av.open(str(tmp_path / f"out{suffix}")) as film:
        assert film.streams.audio[0].codec_context.name == codec
        samples = np.concatenate([f.to_ndarray().mean(0) for f in film.decode(audio=0)])
    assert 0.8 < len(samples) / 48000 < 1.3
    middle = samples[len(samples) // 3 : len(samples) // 2]
    assert 0.1 < np.sqrt(np.mean(np.square(middle))) < 0.25


def test_sound_is_left_out_on_request(colorize, tmp_path):
    source = sound_film(tmp_path / "in.wmv", "wmav2")
    colorize(source, tmp_path / "out.mp4", audio="none")
    with av.open(str(tmp_path / "out.mp4")) as film:
        assert [stream.type for stream in film.streams] == ["video"]


@pytest.mark.parametrize(
    ("output", "options", "message"),
    [
        ("out.gif", {}, r"\.gif cannot hold .*name a \.mkv"),
        ("out.mp4", {"encoder": "prores_ks"}, r"\.mp4 cannot hold .*name a \.mkv or \.mov"),
        ("out.ts", {"encoder": "ffv1"}, r"does not read back from \.ts.*name a \.mkv"),
        ("out.webm", {"encoder": "libx264"}, r"name a \.mkv or \.mov or \.mp4"),
        ("%04d.bmp", {}, r"numbered pictures are written as \.jpeg \.jpg \.png \.tif \.tiff"),
        ("%04d.png", {"encoder": "libx264"}, "asks for --encoder png"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(tmp_path, output, options, message):
    source = write_film(tmp_path / "in.mp4")
    with pytest.raises(UsageError, match=message):
        plan(source, tmp_path / output, **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4"]


def test_a_folder_under_the_name_of_the_film(tmp_path):
    source = write_film(tmp_path / "in.mp4")
    (tmp_path / "out.mp4").mkdir()
    with pytest.raises(UnwritableError, match="a folder has that name"):
        plan(source, tmp_path / "out.mp4")


def test_an_open_ending_is_the_first_that_keeps_the_sound(tmp_path):
    options = FilmOptions()
    for codec, suffix, chosen in (("wmav2", ".wmv", ".mkv"), ("mp2", ".mpg", ".mp4")):
        source = sound_film(tmp_path / f"in{suffix}", codec)
        output = chosen_output(film_info_of(source, options), tmp_path / "out.mp4", options)
        assert output.suffix == chosen


def subtitled(path, codec):
    header = b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name\nStyle: Default\n\n[Events]\n"
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25)
        video.height, video.width, video.pix_fmt = *SHAPE, "yuv420p"
        text = out.add_stream(codec)
        text.codec_context.subtitle_header = header
        text.codec_context.time_base = text.time_base = Fraction(1, 1000)
        text.metadata["language"] = "ger"
        out.start_encoding()
        for index in range(25):
            out.mux(video.encode(frame_of(index)))
        made = av.subtitles.subtitle.SubtitleSet.create(
            "0,0,Default,,0,0,0,,Straße".encode(), 0, 300, 200_000
        )
        packet = text.codec_context.encode_subtitle(made)
        packet.pts = packet.dts = 200
        packet.duration, packet.time_base, packet.stream = 300, Fraction(1, 1000), text
        out.mux(packet)
        out.mux(video.encode(None))
    return path


@pytest.mark.parametrize(
    ("kind", "suffix", "output", "expected"),
    [
        ("mov_text", ".mp4", ".mkv", "subrip"),
        ("subrip", ".mkv", ".mp4", "mov_text"),
        ("subrip", ".mkv", ".webm", "webvtt"),
        ("ass", ".mkv", ".mov", "mov_text"),
        ("subrip", ".mkv", ".mkv", "subrip"),
    ],
)
def test_subtitles_become_what_the_container_wants(
    colorize, tmp_path, kind, suffix, output, expected
):
    source = subtitled(tmp_path / f"in{suffix}", kind)
    colorize(source, tmp_path / f"out{output}")
    with av.open(str(tmp_path / f"out{output}")) as film:
        (stream,) = film.streams.subtitles
        assert stream.codec_context.codec.canonical_name == expected
        assert stream.metadata["language"] in ("ger", "deu")
        lines = [packet for packet in film.demux(stream) if packet.size > 2]
    assert "Straße".encode() in bytes(lines[0])
    assert float(lines[0].pts * lines[0].time_base) == pytest.approx(0.2, abs=0.03)


def covered(path):
    jpeg = av.VideoCodecContext.create("mjpeg", "w")
    jpeg.width, jpeg.height, jpeg.pix_fmt, jpeg.time_base = 32, 32, "yuvj420p", Fraction(1, 25)
    picture = bytes(jpeg.encode(frame_of(0, "yuvj420p", 32, 32))[0])
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25)
        video.height, video.width, video.pix_fmt = *SHAPE, "yuv420p"
        if path.suffix == ".mkv":
            out.add_attachment("cover.jpg", "image/jpeg", picture)
            out.add_attachment("notes.txt", "text/plain", b"words")
        else:
            cover = out.add_mux_stream("mjpeg", width=32, height=32)
            cover.disposition = Disposition.attached_pic
            cover.time_base = Fraction(1, 90000)
        for index in range(8):
            out.mux(video.encode(frame_of(index)))
        if path.suffix != ".mkv":
            packet = av.Packet(picture)
            packet.stream, packet.pts, packet.dts = cover, 0, 0
            packet.time_base = Fraction(1, 90000)
            out.mux(packet)
        out.mux(video.encode(None))
    return path, picture


@pytest.mark.parametrize("source", ["in.mp4", "in.mkv"])
@pytest.mark.parametrize("output", ["out.mp4", "out.mkv"])
def test_cover_pictures_stay(colorize, tmp_path, source, output):
    path, picture = covered(tmp_path / source)
    said = []
    colorize(path, tmp_path / output, run={"say": said.append})
    with av.open(str(tmp_path / output)) as film:
        covers = [s for s in film.streams.video if s.disposition & Disposition.attached_pic]
        assert len(covers) == 1
        assert picture in [bytes(packet) for packet in film.demux(covers[0])]
        names = [stream.metadata.get("filename") for stream in film.streams]
    assert ("notes.txt" in names) == (source == "in.mkv" and output == "out.mkv")
    assert bool(said) == (source == "in.mkv" and output == "out.mp4")
    assert len(decoded(tmp_path / output)) == 8
