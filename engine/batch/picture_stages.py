"""The stages that a picture passes, each from one small type to the next.

A `SourceFile` is opened, decoded, prepared, predicted and recolored, and what comes of it is
written. `StreamingRunner` runs the stages on threads, `colorize-bench` one after the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import UnreadableError, first_line
from ..atomic_write import write_atomically
from ..inference.backend import Backend
from ..inference.hints import Hint, HintPlanes
from ..inference.test_time_augmentation import MirrorAveraged
from ..inference.working_shape import working_shape
from ..inference.working_size import with_working_size
from ..pictures.formats import format_of
from ..pictures.picture import Picture, RecoloredPicture
from ..pictures.reader import PictureFile, open_picture
from .job import Job
from .runner_options import RunnerOptions
from .source import output_format_of


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The bytes of a source, and their hex digest."""

    file_bytes: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A source whose header is read."""

    file: PictureFile
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture with its own luma."""

    picture: Picture
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture and what the network sees of it: (H, W) float32, CIELAB L* 0..100."""

    picture: Picture
    l_plane: NDArray[np.float32]
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class Predicted:
    """A picture and the colour predicted for it: (2, h, w) float32, CIELAB a*, b*."""

    picture: Picture
    ab_planes: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recolored:
    """A picture in colour, ready to be encoded."""

    picture: RecoloredPicture


@dataclass(frozen=True, slots=True)
class Written:
    """Size and hex digest of an output file."""

    nbytes: int
    sha256: str


class PictureStages:
    """The work of every stage, without threads; all methods may be called from any thread.

    Parameters
    ----------
    backend
        Runs the network; owned by the caller.
    options
        Of the run.

    Raises
    ------
    UsageError
        The model does not take `options.working_size`.
    """

    def __init__(self, backend: Backend, options: RunnerOptions) -> None:
        backend = with_working_size(backend, options.working_size)
        self._backend: Backend = MirrorAveraged(backend) if options.best else backend
        self._options = options

    def read(self, job: Job) -> SourceFile:
        """Read the source; raises UnreadableError."""
        file_bytes = _file_bytes(job.source)
        return SourceFile(file_bytes, hashlib.sha256(file_bytes).hexdigest())

    def open(self, job: Job, source: SourceFile) -> Opened:
        """Read the header for what the job's output needs.

        Raises
        ------
        UnreadableError
            Not a readable picture.
        TooLargeError
            More than `max_pixels`.
        """
        return Opened(
            open_picture(
                source.file_bytes,
                picture_format=output_format_of(job),
                max_pixels=self._options.max_pixels,
            ),
            job.hints,
        )

    def decode(self, opened: Opened) -> Decoded:
        """Decode; raises UnreadableError where the file is truncated or damaged."""
        return Decoded(opened.file.decoded(), opened.hints)

    def reason_to_skip(self, decoded: Decoded) -> str:
        """Reason why a picture stays as it is; empty if it is to be colorized."""
        if self._options.skip_color and decoded.picture.is_in_color():
            return "already in colour"
        return ""

    def prepare(self, decoded: Decoded) -> Prepared:
        """Reduce luma to the shape at which the model looks at the picture."""
        picture = decoded.picture
        shape = working_shape(picture.height, picture.width, self._backend.contract)
        return Prepared(picture, picture.l_plane(*shape), decoded.hints)

    def predict(self, batch: Sequence[Prepared]) -> list[Predicted]:
        """Predict the colour of pictures of one working shape; raises BackendError."""
        l_batch = np.stack([prepared.l_plane for prepared in batch])
        hints = [prepared.hints for prepared in batch]
        if any(hints):
            planes = HintPlanes.of_hints(hints, *l_batch.shape[1:])
            ab_batch = self._backend.infer(l_batch[:, np.newaxis], planes)
        else:
            ab_batch = self._backend.infer(l_batch[:, np.newaxis])
        return [
            Predicted(prepared.picture, ab_planes)
            for prepared, ab_planes in zip(batch, ab_batch, strict=True)
        ]

    def recolor(self, predicted: Predicted) -> Recolored:
        """Put the colour into the picture."""
        return Recolored(predicted.picture.recolored(predicted.ab_planes, self._options.look))

    def write(self, output: Path, recolored: Recolored) -> Written:
        """Encode in the format of the output's name and write the file, whole or not at all.

        Raises
        ------
        UnwritableError
            The format cannot hold the picture, or the file cannot be written.
        """
        file_bytes = recolored.picture.encoded(format_of(output), self._options.quality)
        write_atomically(output, file_bytes)
        return Written(len(file_bytes), hashlib.sha256(file_bytes).hexdigest())


def _file_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot be read: {first_line(error)}") from error
