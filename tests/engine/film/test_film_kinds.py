"""Films of many kinds, through a whole run."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from colorize_batch.engine.film.media.libav import av
from colorize_batch.engine.film.media.part import Part
from colorize_batch.engine.film.media.planes import plane_of
from colorize_batch.engine.film.segments.segment_store import SegmentStore
from colorize_batch.errors import UnwritableError, UsageError

from .films import SHAPE, decoded, frame_of, luma_planes, packets, seconds, write_film


@pytest.mark.parametrize(
    ("start", "end", "frames"),
    [("0.4", "0.72", range(10, 18)), ("0", "0.2", range(5)), ("0.8", None, range(20, 25))],
)
def test_a_part(colorize, tmp_path, start, end, frames):
    source = write_film(tmp_path / "in.mkv", codec="ffv1", frames=25, audio=True)
    part = Part(start=Fraction(start), end=Fraction(end) if end else None)
    report = colorize(source, tmp_path / "out.nut", encoder="ffv1", part=part)
    assert (report.frames, report.missing_s) == (len(frames), 0)
    ours, theirs = luma_planes(decoded(tmp_path / "out.nut")), luma_planes(decoded(source))
    for one, number in zip(ours, frames, strict=True):
        np.testing.assert_array_equal(one, theirs[number])
    # What starts first is at 0; the sound of this film starts a little before its picture.
    assert float(seconds(tmp_path / "out.nut")[0]) == pytest.approx(0, abs=0.03)
    sound = [float(time) for _, time in packets(tmp_path / "out.nut", "audio")]
    assert sound[0] == pytest.approx(0, abs=0.03)
    assert sound[-1] == pytest.approx(len(frames) / 25, abs=0.06)


def test_a_part_behind_the_end(colorize, tmp_path):
    source = write_film(tmp_path / "in.mp4")
    with pytest.raises(UsageError, match="--start 10 lies after its end, 0.5 s"):
        colorize(source, tmp_path / "out.mp4", part=Part(start=Fraction(10)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4"]


@pytest.mark.parametrize("values", [{"start": -1}, {"start": 3, "end": 2}, {"start": 1, "end": 1}])
def test_parts_that_are_none(values):
    with pytest.raises(UsageError):
        Part(**{name: Fraction(value) for name, value in values.items()})


@pytest.mark.parametrize("suffix", [".mkv", ".avi"])
def test_a_film_that_was_cut_off_is_known_by_its_header(colorize, tmp_path, suffix):
    whole = write_film(
        tmp_path / f"whole{suffix}", codec="mpeg4", frames=50, time_base=Fraction(1, 25)
    )
    assert colorize(whole, tmp_path / "whole.nut").missing_s == 0
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    report = colorize(cut, tmp_path / "cut.nut")
    assert 1 <= report.frames < 45
    assert report.missing_s == pytest.approx(2 - report.frames / 25, abs=0.1)


def test_interlaced_film_becomes_progressive_on_request(colorize, tmp_path):
    def comb(index, pix_fmt, height, width):
        frame = frame_of(index, pix_fmt, height, width)
        luma = plane_of(frame, 0, 8)
        luma[::2] = plane_of(frame_of(index + 4, pix_fmt, height, width), 0, 8)[::2]
        return frame

    source = write_film(tmp_path / "in.mkv", codec="ffv1", frames=8, make=comb)
    colorize(source, tmp_path / "as-it-is.nut", encoder="ffv1")
    report = colorize(source, tmp_path / "out.nut", encoder="ffv1", deinterlace=True)
    assert report.frames == 8
    combing = []
    for name in ("as-it-is", "out"):
        luma = luma_planes(decoded(tmp_path / f"{name}.nut"))[4].astype(float)
        combing.append(np.abs(np.diff(luma, axis=0)).mean())
    assert combing[1] < 0.7 * combing[0]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_frames_are_turned_where_a_container_cannot_say_it(colorize, tmp_path, degrees):
    angle = np.deg2rad(degrees)
    cosine, sine = round(65536 * np.cos(angle)), round(65536 * np.sin(angle))
    matrix = (cosine, -sine, 0, sine, cosine, 0, 0, 0, 1 << 30)
    source = write_film(
        tmp_path / "in.mp4", prepare=lambda stream: stream.set_display_matrix(matrix)
    )
    before = decoded(source)[3]
    colorize(source, tmp_path / "out.nut", encoder="ffv1")
    after = decoded(tmp_path / "out.nut")[3]
    upright = np.rot90(plane_of(before, 0, 8), round(before.rotation / 90) % 4)
    np.testing.assert_array_equal(plane_of(after, 0, 8), upright)


@pytest.mark.parametrize(
    ("suffix", "pix_fmt", "codec"),
    [(".tif", "yuv420p", "tiff"), (".tif", "yuv420p10le", "tiff"), (".jpg", "yuv420p", "mjpeg")],
)
def test_the_ending_of_numbered_pictures_is_their_format(
    colorize, tmp_path, suffix, pix_fmt, codec
):
    source = write_film(tmp_path / "in.mkv", codec="ffv1", pix_fmt=pix_fmt, frames=3)
    colorize(source, tmp_path / "out" / f"%03d{suffix}")
    files = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in files] == [f"{number:03}{suffix}" for number in (1, 2, 3)]
    with av.open(str(files[0])) as picture:
        frame = next(picture.decode(video=0))
        assert picture.streams.video[0].codec_context.name == codec
        assert frame.format.components[0].bits == (16 if "10" in pix_fmt else 8)
    rgb = frame.to_ndarray(format="rgb24").astype(float)
    source_rgb = decoded(source)[0].to_ndarray(format="gray8").astype(float)
    assert np.abs(rgb @ [0.299, 0.587, 0.114] - source_rgb).mean() < 12
    assert np.abs(rgb[..., 0] - rgb[..., 2]).mean() > 10


def test_gaps_between_numbered_pictures_are_closed(colorize, tmp_path):
    source = write_film(tmp_path / "in.mkv", codec="ffv1", frames=6)
    colorize(source, tmp_path / "in" / "%02d.png")
    for number in (2, 5):
        (tmp_path / "in" / f"{number:02}.png").unlink()
    report = colorize(tmp_path / "in" / "%02d.png", tmp_path / "out.nut", encoder="ffv1")
    assert report.frames == 4
    assert seconds(tmp_path / "out.nut") == [Fraction(number, 25) for number in range(4)]


def test_full_range_is_made_limited_where_nothing_can_say_it(colorize, tmp_path):
    source = write_film(tmp_path / "in.mkv", codec="ffv1", color_range=2)
    colorize(source, tmp_path / "out.mov", encoder="prores_ks")
    before = plane_of(decoded(source)[2], 0, 8).astype(float)
    after = plane_of(decoded(tmp_path / "out.mov")[2], 0, 10).astype(float)
    shown = (after / 4 - 16) * 255 / 219
    assert np.abs(shown - before).mean() < 2


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_hevc_has_the_tag_that_players_know(colorize, tmp_path, suffix):
    source = write_film(tmp_path / "in.mp4", frames=4)
    colorize(source, tmp_path / f"out{suffix}", encoder="libx265", preset="ultrafast")
    with av.open(str(tmp_path / f"out{suffix}")) as film:
        assert film.streams.video[0].codec_context.codec_tag == "hvc1"


@pytest.mark.parametrize(("pix_fmt", "profile"), [("yuv422p", "hq"), ("yuv422p10le", "hqx")])
def test_dnxhr(colorize, tmp_path, pix_fmt, profile):
    source = write_film(
        tmp_path / "in.mkv", codec="ffv1", pix_fmt=pix_fmt, frames=2, shape=(120, 256)
    )
    colorize(source, tmp_path / "out.mov", encoder="dnxhr")
    with av.open(str(tmp_path / "out.mov")) as film:
        stream = film.streams.video[0]
        assert stream.codec_context.name == "dnxhd"
        assert stream.profile.lower() == f"dnxhr {profile}"


def test_a_film_starts_at_0_and_its_sound_with_it(colorize, tmp_path):
    ticks = [12800 * 3600 + 512 * index for index in range(12)]
    source = write_film(tmp_path / "in.mkv", codec="mpeg4", ticks=ticks)
    colorize(source, tmp_path / "out.mp4")
    assert seconds(tmp_path / "out.mp4")[0] == 0


def test_two_runs_on_one_film(colorize, tmp_path):
    source = write_film(tmp_path / "in.mp4")
    store = SegmentStore(tmp_path / "out.mp4", {})
    with pytest.raises(UnwritableError, match="another run is writing"):
        colorize(source, tmp_path / "out.mp4")
    store.close()
    assert colorize(source, tmp_path / "out.mp4").frames == 12


def test_a_name_as_long_as_it_may_be(colorize, tmp_path):
    source = write_film(tmp_path / "in.mp4")
    output = tmp_path / f"{'f' * 248}.mp4"
    colorize(source, output)
    assert len(decoded(output)) == 12


def test_alpha_is_left_out_and_that_is_said(colorize, tmp_path):
    def make(index, pix_fmt, height, width):
        return frame_of(index, "yuv444p", height, width).reformat(format=pix_fmt)

    source = write_film(tmp_path / "in.mov", codec="qtrle", pix_fmt="argb", frames=3, make=make)
    said = []
    colorize(source, tmp_path / "out.mov", run={"say": said.append})
    assert said == ["in.mov: its alpha channel is left out"]
    assert decoded(tmp_path / "out.mov")[0].height == SHAPE[0]
