"""The stages that a picture passes, each from one small type to the next.

A source's bytes are opened, decoded, prepared, predicted and recolored, and what comes of it is
written. `StreamingRunner` runs the stages on threads, `colorize-bench` one after the other.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import TooLargeError
from ..atomic_write import PartialFile, copy_times
from ..inference.backend import Backend
from ..inference.checked_output import check_ab_batch
from ..inference.hints import HintPlanes
from ..inference.test_time_augmentation import MirrorAveraged
from ..inference.working_shape import working_shape
from ..inference.working_size import with_working_size
from ..pictures.formats import format_of
from ..pictures.hint import Hint
from ..pictures.hinted_color import with_hints
from ..pictures.paged_picture import PagedPicture, RecoloredPages
from ..pictures.picture import Picture, RecoloredPicture
from ..pictures.pixel_picture import PixelPicture
from ..pictures.preparation.negative import NEGATIVES_SOUGHT
from ..pictures.preparation.preparation_options import PreparationOptions
from ..pictures.preparation.prepare import PreparedPicture, prepare
from ..pictures.reader import PictureFile, open_picture
from ..threads.memory import available_memory
from .job import Job
from .placed_hints import placed_hints
from .runner_options import RunnerOptions
from .source import output_format_of
from .source_bytes import SourceBytes, read_source


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
class HintedPlane:
    """One plane that the network is shown.

    Parameters
    ----------
    l_plane
        (H, W) float32, CIELAB L* 0..100.
    hints
        In its own coordinates.
    hint_gain
        By how much the hints are stronger in it than in the picture.
    """

    l_plane: NDArray[np.float32]
    hints: tuple[Hint, ...]
    hint_gain: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture and what the network is shown of it."""

    picture: Picture
    shown: PreparedPicture
    hints: tuple[Hint, ...] = ()

    @property
    def planes(self) -> tuple[HintedPlane, ...]:
        """What the network is to answer, in order."""
        height, width = self.picture.height, self.picture.width
        return tuple(
            HintedPlane(
                l_plane,
                placed_hints(self.hints, view.box, turn, height, width),
                1 / view.chroma_gain,
            )
            for view in self.shown.views
            for turn, l_plane in enumerate(view.l_planes)
        )


@dataclass(frozen=True, slots=True)
class Predicted:
    """A picture and the colour predicted for it.

    Parameters
    ----------
    picture
        The picture.
    ab_planes
        (2, h, w) float32, CIELAB a*, b*.
    has_screen
        Whether its luma is no guide for colour; see `PreparedPicture`.
    note
        One line for the user; empty if there is nothing to say.
    """

    picture: Picture
    ab_planes: NDArray[np.float32]
    has_screen: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class PreparedPages(Prepared):
    """A file of several pages: `shown` has the views of all of them, `pages` those of each."""

    pages: tuple[PreparedPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class PredictedPages(Predicted):
    """A file of several pages: (a*, b* planes, whether it has a screen) of each."""

    pages: tuple[tuple[NDArray[np.float32], bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Recolored:
    """A picture in colour, ready to be encoded, and a line for the user, mostly empty."""

    picture: RecoloredPicture
    note: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """Size and hex digest of an output file, and what the user is to know of it, a line each."""

    nbytes: int
    sha256: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BegunOutput:
    """An output file that is whole, but has no name yet."""

    partial: PartialFile
    written: Written
    note: str = ""


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
        self._memory = available_memory()
        self._prepared_count = itertools.count()

    def read(self, job: Job, on_progress: Callable[[], None] = lambda: None) -> SourceBytes:
        """Read the source, unless it is in memory; call `on_progress` with every piece of it.

        Raises
        ------
        UnreadableError
            It is not there, not a file, or changes while it is read.
        TooLargeError
            More than `max_bytes`.
        """
        if isinstance(job.content, PixelPicture):
            return SourceBytes(b"", 0, "")
        if job.content is not None:
            return SourceBytes(job.content, 0, hashlib.sha256(job.content).hexdigest())
        return read_source(job.source, self._options.max_bytes, on_progress)

    def open(self, job: Job, source: SourceBytes) -> Opened:
        """Read the header for what the job's output needs.

        Raises
        ------
        UnreadableError
            Not a readable picture.
        TooLargeError
            More than `max_pixels`, or than fits into the memory there is.
        """
        if isinstance(job.content, PixelPicture):
            picture = job.content.inverted() if self._options.invert else job.content
            return Opened(picture, job.hints)
        file = open_picture(
            source.file_bytes,
            picture_format=output_format_of(job),
            options=self._options.reading,
            keep_luma=not self._options.look.label,
        )
        if self._memory is not None and file.memory_bytes > self._memory:
            raise TooLargeError(
                f"{file.width} x {file.height} pixels need about {_gigabytes(file.memory_bytes)} of "
                f"memory, {_gigabytes(self._memory)} may be used; raise the limit, or make it smaller"
            )
        return Opened(file, job.hints)

    def decode(self, opened: Opened) -> Decoded:
        """Decode; raises UnreadableError where the file is truncated or damaged."""
        return Decoded(opened.file.decoded(), opened.hints)

    def reason_to_skip(self, decoded: Decoded) -> str:
        """Reason why a picture stays as it is; empty if it is to be colorized."""
        if self._options.skip_color and decoded.picture.is_in_color():
            return "already in colour"
        return ""

    def prepare(self, decoded: Decoded) -> Prepared:
        """Decide what the network is shown, and reduce luma to the shapes at which it looks."""
        picture = decoded.picture
        if isinstance(picture, PagedPicture):
            return self._prepare_pages(picture)
        shown = prepare(picture, self._shape, self._preparation())
        return Prepared(picture, shown, decoded.hints)

    def predict(self, planes: Sequence[HintedPlane]) -> list[NDArray[np.float32]]:
        """(2, h, w) a*, b* for each of planes of one working shape.

        Raises
        ------
        BackendError
            The back end failed, or predicted what is no number.
        ModelError
            The model's output has a wrong shape or type.
        """
        l_batch = np.stack([plane.l_plane for plane in planes])[:, np.newaxis]
        hints = [plane.hints for plane in planes]
        if any(hints) and self._backend.contract.hints:
            hint_planes = HintPlanes.of_hints(hints, *l_batch.shape[2:])
            for index, plane in enumerate(planes):
                hint_planes.ab[index] *= plane.hint_gain
            ab_batch = self._backend.infer(l_batch, hint_planes)
        else:
            ab_batch = self._backend.infer(l_batch)
        check_ab_batch(ab_batch, len(planes), self._backend.contract.name)
        return list(ab_batch)

    def joined(self, prepared: Prepared, ab_planes: Sequence[NDArray[np.float32]]) -> Predicted:
        """Put the predictions for all planes of a picture together."""
        if isinstance(prepared, PreparedPages):
            return _joined_pages(prepared, ab_planes)
        shown = prepared.shown
        return Predicted(
            prepared.picture,
            with_hints(shown.ab_planes(ab_planes), prepared.picture, prepared.hints),
            has_screen=shown.has_screen,
            note=shown.note,
        )

    def predicted(self, prepared: Prepared) -> Predicted:
        """Predict the colour of one picture, a plane at a time; raises BackendError."""
        return self.joined(prepared, [self.predict([plane])[0] for plane in prepared.planes])

    def _prepare_pages(self, picture: PagedPicture) -> PreparedPages:
        """Prepare page after page; what stays in memory of each is what the network is shown."""
        pages = tuple(
            prepare(picture.page(number), self._shape, self._options.preparation)
            for number in range(picture.count)
        )
        views = tuple(view for page in pages for view in page.views)
        return PreparedPages(picture, PreparedPicture(views=views), pages=pages)

    def _recolor_pages(self, predicted: PredictedPages) -> Recolored:
        assert isinstance(predicted.picture, PagedPicture)
        look = self._options.look
        looks = [
            replace(look, upsample="bilinear") if has_screen else look
            for _, has_screen in predicted.pages
        ]
        planes = [ab_planes for ab_planes, _ in predicted.pages]
        return Recolored(predicted.picture.recolored_pages(planes, looks), predicted.note)

    def recolor(self, predicted: Predicted) -> Recolored:
        """Put the colour into the picture."""
        look = self._options.look
        if isinstance(predicted, PredictedPages):
            return self._recolor_pages(predicted)
        if predicted.has_screen:
            # Colour along the edges of luma would take the dots for edges.
            look = replace(look, upsample="bilinear")
        recolored = predicted.picture.recolored(predicted.ab_planes, look)
        return Recolored(recolored, predicted.note)

    def begin_write(
        self, output: Path, recolored: Recolored, *, source: Path, source_sha256: str
    ) -> BegunOutput:
        """Encode in the format of the output's name, and write a file that has no name yet.

        It says where its colour comes from, and has its source's time of change, as the options say.

        It says where its colour comes from, and has its source's time of change, as the options say.

        Raises
        ------
        UnwritableError
            The format cannot hold the picture, or the file cannot be written.
        """
        picture, picture_format = recolored.picture, format_of(output)
        provenance = self._options.provenance
        if provenance is not None:
            provenance = provenance.of_source(source_sha256)
        if isinstance(picture, RecoloredPages):
            partial = PartialFile.stream(
                output,
                lambda file: picture.write(file, picture_format, self._options.quality, provenance),
            )
            nbytes, sha256 = _size_and_digest(partial.partial)
        else:
            file_bytes = picture.encoded(picture_format, self._options.quality, provenance)
            nbytes, sha256 = len(file_bytes), hashlib.sha256(file_bytes).hexdigest()
            partial = PartialFile.write(output, file_bytes)
        if self._options.keep_times:
            copy_times(source, partial.partial)
        lost = tuple(
            f"{kind} cannot be held by {picture_format.title} and is left out"
            for kind in picture.lost_in(picture_format)
        )
        notes = tuple(f"{source.name}: {note}" for note in picture.notes)
        return BegunOutput(partial, Written(nbytes, sha256, notes=notes + lost), recolored.note)

    def finish_write(self, begun: BegunOutput) -> Written:
        """Wait until the disk has the file, and give it its name; raises UnwritableError."""
        begun.partial.commit(synced=True)
        return begun.written

    def write(
        self, output: Path, recolored: Recolored, *, source: Path, source_sha256: str
    ) -> Written:
        """Write a file, whole or not at all: `begin_write`, then `finish_write`."""
        begun = self.begin_write(output, recolored, source=source, source_sha256=source_sha256)
        return self.finish_write(begun)

    def _preparation(self) -> PreparationOptions:
        """Options of the next picture: whether a run is one of negatives its first ones tell."""
        options = self._options.preparation
        if options.seeks_negatives and next(self._prepared_count) >= NEGATIVES_SOUGHT:
            return replace(options, seeks_negatives=False)
        return options

    def _shape(self, height: int, width: int, most_root: float) -> tuple[int, int]:
        return working_shape(height, width, self._backend.contract, most_root=most_root)


def _joined_pages(
    prepared: PreparedPages, ab_planes: Sequence[NDArray[np.float32]]
) -> PredictedPages:
    pages = []
    start = 0
    for shown in prepared.pages:
        count = len(shown.l_planes)
        pages.append((shown.ab_planes(ab_planes[start : start + count]), shown.has_screen))
        start += count
    note = next((shown.note for shown in prepared.pages if shown.note), "")
    return PredictedPages(prepared.picture, pages[0][0], note=note, pages=tuple(pages))


def _size_and_digest(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


def _gigabytes(number: int) -> str:
    return f"{number / 1e9:.1f} GB"
