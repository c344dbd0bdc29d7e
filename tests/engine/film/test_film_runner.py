from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from colorize_batch.engine.film.media.libav import av
from colorize_batch.engine.film.media.planes import plane_of
from colorize_batch.engine.film.segments.segment_store import store_folder
from colorize_batch.engine.pictures.vips import pyvips
from colorize_batch.errors import UsageError
from colorize_batch.kernels import reference
from colorize_batch.kernels.reference import ChromaCode

from .films import (
    SHAPE,
    TICK,
    decoded,
    frame_of,
    luma_planes,
    packets,
    seconds,
    write_film,
)

X265 = {"x265-params": "log-level=error"}


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "suffix", "painted"),
    [
        ("libx264", "yuv420p", ".mp4", "yuv420p"),
        ("libx264", "yuv422p", ".mkv", "yuv422p"),
        ("libx264", "yuv444p10le", ".mov", "yuv444p10le"),
        ("libx264", "yuvj420p", ".mp4", "yuv420p"),
        ("libx265", "yuv420p10le", ".mp4", "yuv420p10le"),
        ("ffv1", "gray", ".mkv", "yuv420p"),
        ("ffv1", "gray16le", ".mkv", "yuv420p16le"),
        ("ffv1", "yuv411p", ".mkv", "yuv411p"),
        ("ffv1", "yuva420p", ".nut", "yuv420p"),
        ("mjpeg", "yuvj422p", ".avi", "yuv422p"),
        ("mpeg2video", "yuv420p", ".ts", "yuv420p"),
        ("mpeg2video", "yuv420p", ".mpg", "yuv420p"),
        ("prores_ks", "yuv422p10le", ".mov", "yuv422p10le"),
        ("rawvideo", "nv12", ".nut", "yuv420p"),
    ],
)
def test_luma_and_timestamps_are_those_of_the_source(
    colorize, tmp_path, codec, pix_fmt, suffix, painted
):
    source = write_film(
        tmp_path / f"in{suffix}",
        codec=codec,
        pix_fmt=pix_fmt,
        time_base=Fraction(1, 25) if codec.startswith("mpeg") else TICK,
        options=X265 if codec == "libx265" else None,
    )
    report = colorize(source, tmp_path / "out.nut", encoder="ffv1")
    before, after = decoded(source), decoded(tmp_path / "out.nut")
    assert report.frames == len(after) == len(before) == 12
    assert after[0].format.name == painted
    with av.open(str(source)) as film:  # clocks that start later are set to 0
        start = Fraction(film.start_time or 0, 1_000_000)
    ours = seconds(tmp_path / "out.nut")
    assert [float(time + start) for time in ours] == pytest.approx(
        [float(time) for time in seconds(source)], abs=2e-5
    )
    for one, other in zip(luma_planes(before), luma_planes(after), strict=True):
        np.testing.assert_array_equal(one, other)
    depth = after[0].format.components[0].bits
    assert plane_of(after[5], 2, depth).mean() > 140 * 2 ** (depth - 8)
    assert not store_folder(tmp_path / "out.nut").exists()


@pytest.mark.parametrize("pix_fmt", ["yuv420p10le", "yuv422p10le"])
def test_chroma_of_ten_bits_is_as_fine_as_its_codes(colorize, tmp_path, pix_fmt):
    source = write_film(tmp_path / "in.nut", codec="ffv1", pix_fmt=pix_fmt, frames=2)
    colorize(source, tmp_path / "out.nut", encoder="ffv1")
    frame = decoded(tmp_path / "out.nut")[0]
    luma = plane_of(frame, 0, 10).astype(float)
    shrink_y = 2 if pix_fmt.startswith("yuv420") else 1
    guide = luma.reshape(SHAPE[0] // shrink_y, shrink_y, -1, 2).mean(axis=(1, 3))
    code = ChromaCode(depth=10, full_range=False, red_weight=0.299, blue_weight=0.114)
    ab = np.empty((2, 8, 8))
    ab[0], ab[1] = 30, 20  # what the back end says at its first look
    expected = reference.film_chroma(guide.round().astype(np.uint16), ab, code)
    for index in (1, 2):
        apart = np.abs(plane_of(frame, index, 10) - expected[index - 1])
        assert apart.mean() < 0.5  # in codes of ten bits; eight bits would leave 1.0
        assert len(np.unique(plane_of(frame, index, 10) % 4)) == 4


def test_frames_that_carry_more_keep_it(colorize, tmp_path):
    """Encoded by x264, the first frame carries its settings; others take the way without a copy."""
    source = write_film(tmp_path / "in.mkv", frames=6)
    before = decoded(source)
    assert len(before[0].side_data) == 1
    assert not len(before[3].side_data)
    colorize(source, tmp_path / "out.nut", encoder="ffv1")
    after = decoded(tmp_path / "out.nut")
    for one, other in zip(luma_planes(before), luma_planes(after), strict=True):
        np.testing.assert_array_equal(one, other)


def has_nvenc():
    context = av.VideoCodecContext.create("h264_nvenc", "w")
    context.width, context.height, context.pix_fmt = 160, 160, "yuv420p"
    context.time_base = Fraction(1, 25)
    try:
        context.open()
    except (av.error.FFmpegError, ValueError):
        return False
    return True


@pytest.mark.skipif("h264_nvenc" not in av.codecs_available, reason="FFmpeg was built without it")
def test_an_encoder_of_cards(colorize, tmp_path):
    source = write_film(tmp_path / "in.mp4", frames=2, shape=(160, 160))
    if has_nvenc():
        colorize(source, tmp_path / "out.mp4", encoder="h264_nvenc")
        assert len(decoded(tmp_path / "out.mp4")) == 2
        return
    with pytest.raises(
        UsageError, match="^--encoder h264_nvenc: this machine has no device that opens it for 160"
    ) as told:
        colorize(source, tmp_path / "out.mp4", encoder="h264_nvenc")
    assert len(str(told.value).splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4"]
    with pytest.raises(UsageError, match="lies in a device"):
        colorize(source, tmp_path / "out.mp4", pixel_format="cuda")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".ts"])
def test_h264_in_every_container(colorize, tmp_path, suffix):
    source = write_film(tmp_path / "in.mp4", frames=30, audio=True)
    colorize(source, tmp_path / f"out{suffix}", segment_frames=11)
    # Neither of these has times below 0, where this sound starts: the whole film is put off.
    shift = seconds(tmp_path / f"out{suffix}")[0] if suffix in (".ts", ".mkv") else 0
    precision = Fraction(2, 1000) if suffix == ".mkv" else Fraction(1, 80000)
    found = [time - shift for time in seconds(tmp_path / f"out{suffix}")]
    assert len(found) == 30
    for ours, theirs in zip(found, seconds(source), strict=True):
        assert abs(ours - theirs) < precision
    sound, copy = packets(source, "audio"), packets(tmp_path / f"out{suffix}", "audio")
    assert [body for body, _ in copy] == [body for body, _ in sound]
    for (_, ours), (_, theirs) in zip(copy, sound, strict=True):
        assert abs(ours - shift - theirs) < precision


@pytest.mark.parametrize(("pixel_format", "offset"), [("yuv420p", 2), ("yuv444p10le", 8)])
def test_x264_is_told_what_kind_of_chroma_comes(colorize, tmp_path, pixel_format, offset):
    """It writes its settings into the film; it takes 2 off for psy-rd and adds 6 for 4:4:4."""
    source = write_film(tmp_path / "in.mp4", frames=2)
    colorize(source, tmp_path / "out.mp4", pixel_format=pixel_format, preset="slow")
    settings = (tmp_path / "out.mp4").read_bytes()
    assert b" chroma_me=0 " in settings
    assert f" chroma_qp_offset={offset} ".encode() in settings


def test_variable_frame_rate_and_odd_time_base(colorize, tmp_path):
    ticks = [0, 700, 701, 2500, 2600, 9000, 9001, 9002, 20000, 20011, 20500, 33333]
    source = write_film(tmp_path / "in.nut", codec="ffv1", ticks=ticks, time_base=Fraction(1, 7919))
    colorize(source, tmp_path / "x.nut", encoder="ffv1", segment_frames=5)
    assert seconds(tmp_path / "x.nut") == [Fraction(tick, 7919) for tick in ticks]
    colorize(source, tmp_path / "x.mp4", segment_frames=5)
    assert seconds(tmp_path / "x.mp4") == [Fraction(tick, 7919) for tick in ticks]


def test_negative_and_late_starts(colorize, tmp_path):
    for start in (-1280, 64000):
        ticks = [start + 512 * index for index in range(8)]
        source = write_film(tmp_path / f"in{start}.nut", codec="ffv1", ticks=ticks)
        colorize(source, tmp_path / f"out{start}.nut", encoder="ffv1")
        # As FFmpeg does it, a film starts at 0 wherever the clock of its source does.
        before = seconds(source)
        after = [time + before[0] for time in seconds(tmp_path / f"out{start}.nut")]
        assert after == before


def test_missing_timestamps_are_made_of_the_rate(colorize, tmp_path):
    source = write_film(tmp_path / "in.h264", frames=6)
    report = colorize(source, tmp_path / "out.mp4")
    assert report.repaired == 6
    assert seconds(tmp_path / "out.mp4") == [Fraction(index, 25) for index in range(6)]


def test_everything_else_is_kept(colorize, tmp_path):
    def prepare(stream):
        stream.metadata["language"] = "fra"
        stream.codec_context.sample_aspect_ratio = Fraction(16, 11)

    def container(out):
        out.metadata["title"] = "A film"
        out.set_chapters([
            {"id": 1, "start": 0, "end": 200, "time_base": Fraction(1, 1000), "metadata": {"title": "One"}}
        ])  # fmt: skip
        out.add_attachment("font.ttf", "font/ttf", b"a font")

    source = write_film(
        tmp_path / "in.mkv", prepare=prepare, container=container, colorspace=1, color_range=1
    )
    colorize(source, tmp_path / "out.mkv")
    with av.open(str(tmp_path / "out.mkv")) as film:
        video = film.streams.video[0]
        assert film.metadata["title"] == "A film"
        assert [chapter["metadata"]["title"] for chapter in film.chapters()] == ["One"]
        assert video.metadata["language"] == "fra"
        assert video.sample_aspect_ratio == Fraction(16, 11)
        assert (video.codec_context.colorspace, video.codec_context.color_range) == (1, 1)
        (attachment,) = (stream for stream in film.streams if stream.type == "attachment")
        assert (attachment.name, attachment.data) == ("font.ttf", b"a font")


def test_rotation_is_kept_and_the_model_sees_it_upright(colorize, backend, tmp_path, monkeypatch):
    seen = []
    infer = backend.infer
    monkeypatch.setattr(backend, "infer", lambda l_batch: seen.append(l_batch) or infer(l_batch))
    source = write_film(
        tmp_path / "in.mp4", prepare=lambda stream: stream.set_display_rotation(90), frames=2
    )
    colorize(source, tmp_path / "out.mp4")
    assert decoded(tmp_path / "out.mp4")[0].rotation == 90
    _, _, height, width = seen[0].shape
    assert height > width
    upright = np.rot90(luma_planes(decoded(source))[0].astype(float))
    small = upright[:: upright.shape[0] // 8, :: upright.shape[1] // 6][:8, :6]
    looked_at = seen[0][0, 0][:: height // 8, :: width // 6][:8, :6]
    assert np.corrcoef(small.ravel(), looked_at.ravel())[0, 1] > 0.9


def test_field_order_is_kept(colorize, tmp_path):
    def prepare(stream):
        stream.codec_context.flags |= av.codec.context.Flags.interlaced_dct.value
        stream.codec_context.field_order = 2

    source = write_film(tmp_path / "in.mp4", prepare=prepare)
    assert decoded(source)[0].interlaced_frame
    colorize(source, tmp_path / "out.mp4")
    assert decoded(tmp_path / "out.mp4")[0].interlaced_frame
    with av.open(str(tmp_path / "out.mp4")) as film:
        assert film.streams.video[0].codec_context.field_order == 2


@pytest.mark.parametrize("shape", [(1, 1), (47, 63), (2, 90), (33, 64)])
def test_odd_sizes(colorize, tmp_path, shape):
    source = write_film(tmp_path / "in.mkv", codec="ffv1", shape=shape, frames=3)
    colorize(source, tmp_path / "out.mp4")
    frames = decoded(tmp_path / "out.mp4")
    assert [(frame.height, frame.width) for frame in frames] == [shape] * 3


def test_several_video_streams(colorize, tmp_path):
    with av.open(str(tmp_path / "in.mkv"), "w") as out:
        streams = [out.add_stream("libx264", rate=25) for _ in range(2)]
        for stream, shape in zip(streams, (SHAPE, (32, 32)), strict=True):
            stream.height, stream.width = shape
        for index in range(5):
            for stream, shape in zip(streams, (SHAPE, (32, 32)), strict=True):
                frame = frame_of(index, "yuv420p", *shape)
                frame.pts, frame.time_base = index, Fraction(1, 25)
                out.mux(stream.encode(frame))
        for stream in streams:
            out.mux(stream.encode(None))
    colorize(tmp_path / "in.mkv", tmp_path / "out.mkv", stream=1)
    found = [decoded(tmp_path / "out.mkv", number)[0] for number in range(2)]
    assert [(frame.height, frame.width) for frame in found] == [(32, 32), SHAPE]
    assert plane_of(found[0], 2, 8).mean() > 140
    assert abs(plane_of(found[1], 2, 8).mean() - 128) < 2
    with pytest.raises(UsageError, match="stream 2 requested"):
        colorize(tmp_path / "in.mkv", tmp_path / "no.mkv", stream=2)


def test_what_a_container_cannot_hold_is_told(colorize, tmp_path):
    source = write_film(
        tmp_path / "in.mkv", container=lambda out: out.add_attachment("f", "font/ttf", b"x")
    )
    said = []
    colorize(source, tmp_path / "out.mp4", run={"say": said.append})
    assert said == [
        "in.mkv: left out attachment stream 1, which .mp4 cannot hold; name a .mkv to keep it"
    ]
    assert len(decoded(tmp_path / "out.mp4")) == 12


def test_pictures_in_and_out(colorize, tmp_path):
    (tmp_path / "in").mkdir()
    for index in range(5, 11):
        gray = np.round(luma_planes([frame_of(index, "gray")])[0]).astype(np.uint8)
        pyvips.Image.new_from_array(gray).copy(interpretation="b-w").write_to_file(
            str(tmp_path / "in" / f"{index:04}.png")
        )
    report = colorize(tmp_path / "in" / "%04d.png", tmp_path / "out" / "%04d.png")
    assert report.frames == 6
    names = [path.name for path in sorted((tmp_path / "out").iterdir())]
    assert names == [f"{index:04}.png" for index in range(5, 11)]
    rgb = pyvips.Image.new_from_file(str(tmp_path / "out" / "0007.png")).numpy().astype(float)
    gray = pyvips.Image.new_from_file(str(tmp_path / "in" / "0007.png")).numpy().astype(float)
    assert np.abs(rgb @ [0.299, 0.587, 0.114] - gray).mean() < 1.5
    assert (rgb[..., 0] - rgb[..., 2]).mean() > 10
    colorize(tmp_path / "in" / "%04d.png", tmp_path / "film.mp4", sequence_rate=Fraction(18))
    assert seconds(tmp_path / "film.mp4") == [Fraction(index, 18) for index in range(6)]


def test_a_faded_film_gets_colour_as_weak_as_its_contrast(colorize, tmp_path):
    def faded(index, *args, **kwargs):
        frame = frame_of(index, *args, **kwargs)
        codes = plane_of(frame, 0, 8)
        codes[:] = 130 + codes // 4
        return frame

    source = write_film(tmp_path / "faded.mkv", codec="ffv1", make=faded)
    chroma = {}
    for as_is in (False, True):
        colorize(source, tmp_path / f"{as_is}.mkv", as_is=as_is, encoder="ffv1")
        frame = decoded(tmp_path / f"{as_is}.mkv")[5]
        chroma[as_is] = np.abs(plane_of(frame, 2, 8).astype(float) - 128).mean()
    assert chroma[False] < 0.4 * chroma[True]


def test_comparisons(colorize, tmp_path):
    source = write_film(tmp_path / "in.mp4", frames=3)
    colorize(source, tmp_path / "side.nut", encoder="ffv1", compare="side")
    side = decoded(tmp_path / "side.nut")[1]
    assert (side.height, side.width) == (SHAPE[0], 2 * SHAPE[1])
    luma = plane_of(side, 0, 8)
    np.testing.assert_array_equal(luma[:, : SHAPE[1]], luma[:, SHAPE[1] :])
    colorize(source, tmp_path / "split.nut", encoder="ffv1", compare="split")
    for name, shape in (("side", SHAPE[1] // 2), ("split", SHAPE[1] // 4)):
        chroma = plane_of(decoded(tmp_path / f"{name}.nut")[1], 2, 8)
        assert (chroma[:, :shape] == 128).all()
        assert chroma[:, shape:].mean() > 140


def test_scenes_are_written_and_read(colorize, tmp_path):
    def make(index, pix_fmt, height, width):
        frame = frame_of(index, pix_fmt, height, width)
        if index >= 10:
            luma = plane_of(frame, 0, 8)
            luma[:] = np.random.default_rng(1).permutation(luma.reshape(-1, 4)).reshape(luma.shape)
        return frame

    source = write_film(tmp_path / "in.mp4", frames=20, make=make, options={"crf": "1"})
    scenes = tmp_path / "scenes.csv"
    colorize(source, tmp_path / "out.mp4", scenes=scenes)
    lines = scenes.read_text().splitlines()
    assert lines[0] == "frame,seconds,reference"
    assert lines[1] == "0,0.000,"
    assert "10,0.400," in lines
    scenes.write_text("frame,seconds,reference\n0,,\n4,,\n")
    report = colorize(source, tmp_path / "again.mp4", scenes=scenes)
    assert report.cuts == (0, 4)
    assert scenes.read_text() == "frame,seconds,reference\n0,,\n4,,\n"


@pytest.mark.parametrize(
    ("output", "options", "message"),
    [
        ("out.xyz", {}, "expected a film's ending"),
        ("out.avi", {}, "AVI keeps no timestamps"),
        ("out.mp4", {"encoder": "png"}, "png goes with numbered pictures"),
        ("out.mp4", {"encoder": "vp9"}, "expected auto, libx264"),
        ("out.mp4", {"crf": 99}, "takes 0..51"),
        ("out.mkv", {"crf": 9, "encoder": "ffv1"}, "no quality to choose"),
        (
            "out.mp4",
            {"preset": "warp"},
            "libx264 cannot encode 64 x 48 yuv420p with crf=18 preset=w",
        ),
        ("out.mp4", {"pixel_format": "rgb24"}, "takes yuv420p"),
        ("out.mp4", {"pixel_format": "nonsense"}, "expected one of FFmpeg's"),
    ],
)
def test_wishes_that_cannot_be_met(colorize, tmp_path, output, options, message):
    source = write_film(tmp_path / "in.mp4", frames=2)
    with pytest.raises(UsageError, match=message):
        colorize(source, tmp_path / output, **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4"]


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])  # of which one states no decoding times
def test_a_second_video_stream_keeps_its_order_of_decoding(colorize, tmp_path, suffix):
    """With B-frames a packet is decoded at another time than it is shown."""
    source = tmp_path / f"in{suffix}"
    with av.open(str(source), "w") as out:
        streams = [out.add_stream("libx264", rate=25) for _ in range(2)]
        for stream in streams:
            stream.height, stream.width, stream.pix_fmt = *SHAPE, "yuv420p"
            stream.codec_context.max_b_frames = 3
        for index in range(24):
            for stream in streams:
                frame = frame_of(index)
                frame.pts = index
                out.mux(stream.encode(frame))
        for stream in streams:
            out.mux(stream.encode(None))

    def times(path):
        with av.open(str(path)) as film:
            return [
                (packet.pts, packet.dts)
                for packet in film.demux(film.streams.video[1])
                if packet.size
            ]

    assert any(pts != dts for pts, dts in times(source))
    colorize(source, tmp_path / f"out{suffix}")
    assert times(tmp_path / f"out{suffix}") == times(source)
