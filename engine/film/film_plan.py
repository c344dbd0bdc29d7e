"""What is going to be done with a film, decided and tried before its first frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ...errors import UnwritableError, UsageError, first_line
from .film_options import FilmOptions
from .film_setup import video_encoder
from .media.film_info import FilmInfo, film_info
from .media.image_sequence import is_sequence
from .media.video_encoder import VideoEncoder
from .segments.output_trial import OutputTrial, TrialResult
from .segments.side_streams import Way

# Containers that keep a display matrix, by their endings; elsewhere frames are turned.
_KEEP_TURNS: Final = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".3gp"})
# Endings to choose from where the user left that open: the first that keeps the sound as it is.
_CHOICE: Final = (".mp4", ".mov", ".mkv")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPlan:
    """A film that can be written.

    Parameters
    ----------
    info
        Of the film, as its frames are going to come.
    output
        Where it goes.
    encoder
        What encodes it.
    ways
        How its other streams are taken over, by number.
    notes
        Lines for the user.
    """

    info: FilmInfo
    output: Path
    encoder: VideoEncoder
    ways: dict[int, Way]
    notes: tuple[str, ...]


def film_info_of(source: Path, options: FilmOptions) -> FilmInfo:
    """What a source is, under a user's wishes; raises UnreadableError, UsageError."""
    info = film_info(source, stream=options.stream, sequence_rate=options.sequence_rate)
    if options.deinterlace:
        info = info.deinterlaced()
    return info if options.part.is_whole else info.of_part(options.part)


def film_plan(info: FilmInfo, output: Path, options: FilmOptions) -> FilmPlan:
    """Decide, and try what can be tried.

    Parameters
    ----------
    info
        Of the source.
    output
        Where the film goes; its ending names the container.
    options
        The user's wishes.

    Raises
    ------
    UsageError
        Container, encoder, sound and names do not go together.
    UnwritableError
        The film, or what is written beside it, cannot be written there.
    UnreadableError
        The source cannot be read.
    """
    if output.is_dir() and not is_sequence(output):
        raise UnwritableError(f"cannot write {output}: a folder has that name")
    if options.scenes is not None and not options.scenes.exists():
        try:
            options.scenes.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnwritableError(
                f"cannot write scenes {options.scenes}: {first_line(error)}"
            ) from error
    if info.display_matrix and output.suffix.lower() not in _KEEP_TURNS:
        info = info.turned()
    encoder = video_encoder(info, output, options)
    result = _tried(info, encoder, output, options)
    notes = list(result.notes)
    if info.layout.has_alpha:
        notes.append(f"{info.path.name}: its alpha channel is left out")
    return FilmPlan(info=info, output=output, encoder=encoder, ways=result.ways, notes=tuple(notes))


def chosen_output(info: FilmInfo, output: Path, options: FilmOptions) -> Path:
    """An output whose ending was left open, with the first that keeps the sound as it is.

    Raises
    ------
    UnwritableError, UnreadableError
        As in `film_plan`.
    """
    for suffix in _CHOICE:
        candidate = output.with_suffix(suffix)
        try:
            encoder = video_encoder(info, candidate, options)
            _tried(info, encoder, candidate, replace(options, audio="copy"))
        except UsageError:
            continue
        return candidate
    return output


def _tried(
    info: FilmInfo, encoder: VideoEncoder, output: Path, options: FilmOptions
) -> TrialResult:
    trial = OutputTrial(info, encoder, output, audio=options.audio)
    return trial.result()
