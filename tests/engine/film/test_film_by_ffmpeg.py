"""Films made and looked at by FFmpeg's own commands, where they are installed."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from .films import packets, write_film

pytestmark = pytest.mark.skipif(
    not (shutil.which("ffmpeg") and shutil.which("ffprobe")),
    reason="the commands ffmpeg and ffprobe are not installed",
)
CHAPTERS = """;FFMETADATA1
title=A film
[CHAPTER]
TIMEBASE=1/1000
START=0
END=400
title=One
[CHAPTER]
TIMEBASE=1/1000
START=400
END=960
title=Two
"""
LINES = """1
00:00:00,100 --> 00:00:00,400
Good morning.

2
00:00:00,500 --> 00:00:00,900
Good night.
"""


def ffmpeg(*words):
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *map(str, words)], check=True, capture_output=True
    )


def probed(path, *words, level="warning"):
    """What ffprobe says of a film; it must have nothing to complain of."""
    finished = subprocess.run(
        ["ffprobe", "-v", level, "-of", "json", *words, str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert finished.stderr == ""
    return json.loads(finished.stdout)


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    write_film(folder / "film.mp4", frames=24, audio=True)
    (folder / "lines.srt").write_text(LINES)
    (folder / "chapters.txt").write_text(CHAPTERS)
    (folder / "font.ttf").write_bytes(b"a font")
    return folder


def with_everything(parts, path, subtitles, *words):
    ffmpeg(
        *("-i", parts / "film.mp4", "-i", parts / "lines.srt", "-i", parts / "chapters.txt"),
        *("-map", "0", "-map", "1", "-map_metadata", "2", "-map_chapters", "2"),
        *("-c", "copy", "-c:s", subtitles, "-metadata:s:s:0", "language=fra", *words, path),
    )
    return path


@pytest.mark.parametrize(
    ("suffix", "subtitles", "attached"),
    [(".mkv", "subrip", True), (".mkv", "ass", False), (".mp4", "mov_text", False)],
)
def test_subtitles_chapters_and_attachments_are_copied(
    colorize, parts, tmp_path, suffix, subtitles, attached
):
    words = (
        ("-attach", parts / "font.ttf", "-metadata:s:t", "mimetype=application/x-truetype-font")
        if attached
        else ()
    )
    source = with_everything(parts, tmp_path / f"in{suffix}", subtitles, *words)
    output = tmp_path / f"out{suffix}"
    said = []
    colorize(source, output, run={"say": said.append})
    assert not [line for line in said if "data" not in line]  # mp4's chapters come as data too
    for kind in ("audio", "subtitle"):
        assert packets(output, kind) == packets(source, kind)
    before, after = (  # of fonts and titles, it warns that it cannot decode them
        probed(path, "-show_streams", "-show_chapters", "-show_format", level="error")
        for path in (source, output)
    )
    assert [c["tags"]["title"] for c in after["chapters"]] == ["One", "Two"]
    assert [(c["start_time"], c["end_time"]) for c in after["chapters"]] == [
        (c["start_time"], c["end_time"]) for c in before["chapters"]
    ]
    assert after["format"]["tags"]["title"] == "A film"
    kept = {s["codec_type"]: s for s in after["streams"]}
    assert kept["subtitle"]["codec_name"] == subtitles
    assert kept["subtitle"]["tags"]["language"] == "fra"
    if attached:
        assert kept["attachment"]["tags"]["filename"] == "font.ttf"
        ffmpeg_dump = ["ffmpeg", "-v", "error", "-y", "-dump_attachment:t:0", "f.ttf", "-i", output]
        subprocess.run(ffmpeg_dump, cwd=tmp_path, check=False, capture_output=True)
        assert (tmp_path / "f.ttf").read_bytes() == b"a font"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("x.mp4", {}),
        ("x.mkv", {"encoder": "libx265"}),
        ("x.webm", {}),
        ("x.mov", {"encoder": "prores_ks"}),
        ("x.mkv", {"encoder": "ffv1"}),
        ("x.mp4", {"segment_frames": 7}),
    ],
)
def test_ffprobe_finds_every_frame_and_no_fault(colorize, parts, tmp_path, name, options):
    output = tmp_path / name
    if name.endswith(".webm"):  # its sound would be MP2, which WebM cannot hold
        ffmpeg("-i", parts / "film.mp4", "-an", "-c", "copy", tmp_path / "film.mp4")
        colorize(tmp_path / "film.mp4", output, **options)
    else:
        colorize(parts / "film.mp4", output, **options)
    entries = "stream=nb_read_frames,codec_type:frame=pts_time,media_type"
    found = probed(output, "-count_frames", "-show_entries", entries, "-select_streams", "v:0")
    times = [float(frame["pts_time"]) for frame in found["frames"]]
    assert found["streams"][0]["nb_read_frames"] == "24" == str(len(times))
    assert [round(time - times[0], 2) for time in times] == [round(i / 25, 2) for i in range(24)]
