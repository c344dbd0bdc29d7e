from __future__ import annotations

from fractions import Fraction

import pytest

from colorize_batch.engine.film.media.libav import av, fraction_of
from colorize_batch.engine.film.media.matroska_header import TrackChange, change_tracks

from ..films import decoded, write_film


def shaped(aspect, title=""):
    def prepare(stream):
        stream.codec_context.sample_aspect_ratio = aspect
        if title:
            stream.metadata["title"] = title

    return prepare


@pytest.mark.parametrize("aspect", [Fraction(16, 15), Fraction(2), Fraction(59, 54)])
@pytest.mark.parametrize("encoder", ["libx264", "ffv1"])
def test_the_shape_of_pixels_is_in_the_container(colorize, tmp_path, aspect, encoder):
    source = write_film(tmp_path / "in.mp4", prepare=shaped(aspect))
    colorize(source, tmp_path / "out.mkv", encoder=encoder)
    with av.open(str(tmp_path / "out.mkv")) as film:
        (stream,) = film.streams.video
        assert fraction_of(stream.sample_aspect_ratio) == aspect
        assert "title" not in stream.metadata
    assert len(decoded(tmp_path / "out.mkv")) == 12


def test_webm_has_whole_pixels(colorize, tmp_path):
    source = write_film(tmp_path / "in.mp4", prepare=shaped(Fraction(16, 15)))
    colorize(source, tmp_path / "out.webm")
    with av.open(str(tmp_path / "out.webm")) as film:
        aspect = fraction_of(film.streams.video[0].sample_aspect_ratio)
    assert aspect == Fraction(round(64 * 16 / 15), 64)


def test_titles_stay(colorize, tmp_path):
    source = write_film(tmp_path / "in.mkv", prepare=shaped(Fraction(16, 15), "Am Kanal"))
    colorize(source, tmp_path / "out.mkv")
    with av.open(str(tmp_path / "out.mkv")) as film:
        assert film.streams.video[0].metadata["title"] == "Am Kanal"


def test_what_has_no_room_is_refused(tmp_path):
    film = write_film(tmp_path / "film.mkv")
    before = film.read_bytes()
    with pytest.raises(ValueError, match="outgrew their room"):
        change_tracks(film, {0: TrackChange(codec_private=bytes(500))}, {})
    assert film.read_bytes() == before
    (tmp_path / "no.mkv").write_bytes(b"\x1a\x45\xdf\xa3\x80")
    with pytest.raises(ValueError, match="no tracks"):
        change_tracks(tmp_path / "no.mkv", {}, {})
