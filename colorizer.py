"""The Python API: colour for arrays and files, without a command."""

from __future__ import annotations

import operator
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from .chosen_model import choose_model
from .engine.batch.job import Job, Outcome, Status
from .engine.batch.picture_stages import Decoded, PictureStages
from .engine.batch.runner_options import RunnerOptions
from .engine.batch.streaming_runner import StreamingRunner
from .engine.inference.model_files import DEFAULT_MODEL
from .engine.pictures.colorized_picture import ColorizedPicture, require_writable_name
from .engine.pictures.hint import Hint
from .engine.pictures.look import Look, Style
from .engine.pictures.picture import RecoloredPicture
from .engine.pictures.picture_input import PictureInput
from .engine.pictures.pixel_picture import PixelPicture
from .engine.pictures.preparation.preparation_options import PreparationOptions, Upright
from .engine.pictures.read_options import MAX_PIXELS
from .errors import BackendError, PictureError, UsageError, one_line

OnProgress = Callable[[int, int | None], None]
"""Called with the number of pictures that are done, and of all where it is known."""


class Colorizer:
    """A loaded model that colorizes; use it in a `with` block, or `close()` it.

    Its methods may be called from several threads. It pickles as its settings: the other process
    opens the model again.

    Parameters
    ----------
    model
        The name of a shipped model, or the path of an ONNX file under the contract.
    device
        "auto", "cpu" or "cuda".
    saturation
        Multiplies the predicted colour, 0..4.
    style
        "natural" or "vivid"; see `Look`.
    working_size, best
        How the model looks at pictures; see `RunnerOptions`.
    as_is, upright
        What is done to pictures before; see `PreparationOptions`.
    invert
        Pictures are scanned negatives: turn light and dark around.
    batch_size, workers
        0 chooses by the device and the number of cores.
    max_pixels
        Height x width beyond which a file is refused.

    Raises
    ------
    UsageError
        An unknown model or device, or an option out of its range.
    ModelError, ContractError
        The file is not a usable model.
    BackendError
        The device is not there.
    """

    def __init__(
        self,
        model: str | Path = DEFAULT_MODEL,
        *,
        device: str = "auto",
        saturation: float = 1.0,
        style: Style = "natural",
        working_size: int = 0,
        best: bool = False,
        as_is: bool = False,
        upright: Upright = "keep",
        invert: bool = False,
        batch_size: int = 0,
        workers: int = 0,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        try:
            self._options = RunnerOptions(
                look=Look(saturation=saturation, style=style),
                preparation=PreparationOptions(as_is=as_is, upright=upright),
                invert=invert,
                working_size=working_size,
                best=best,
                batch_size=batch_size,
                workers=workers,
                max_pixels=max_pixels,
                ordered=True,
            )
            chosen = choose_model(model, device)
        except (TypeError, AttributeError) as error:
            raise UsageError(f"an option has the wrong type: {error}") from error
        self._settings = {
            "model": _absolute(model),
            "device": device,
            "saturation": saturation,
            "style": style,
            "working_size": working_size,
            "best": best,
            "as_is": as_is,
            "upright": upright,
            "invert": invert,
            "batch_size": batch_size,
            "workers": workers,
            "max_pixels": max_pixels,
        }
        self._opened = chosen.open()
        self._process = os.getpid()
        self._closed = False

    def colorize(self, picture: Any, *, hints: Sequence[Hint] = ()) -> NDArray[Any]:
        """Colorize one picture.

        Parameters
        ----------
        picture
            A path (`~` is the home folder), the bytes of a picture file, a binary file object, an
            array, a torch tensor or a PIL image. Arrays are (H, W) gray, (H, W, 2) gray with alpha,
            (H, W, 3) sRGB or (H, W, 4) sRGB with alpha, tensors also with the channels first; u8,
            u16, bool, or floats 0..1. Colour it has is replaced.
        hints
            Colours for places; carried along the regions that they lie in.

        Returns
        -------
        NDArray
            (H, W, 3), or (H, W, 4) where there is alpha, of the same dtype (float32 for floats, u8
            for bool); a new array.

        Raises
        ------
        TypeError
            Neither a path nor an array.
        PictureError
            The file cannot be read, or is larger than `max_pixels`.
        UsageError
            It is none of these, or an array of another shape, dtype or range.
        BackendError
            The back end failed, or the colorizer is closed.
        """
        given = PictureInput.of(picture)
        self._check_open()
        if isinstance(given.content, PixelPicture):
            stages = PictureStages(self._opened.backend, self._options)
            prepared = stages.prepare(Decoded(given.content, tuple(hints)))
            return given.given_back(_pixels_of(stages.recolor(stages.predicted(prepared)).picture))
        result = self._only(given, hints)
        assert result.rgb is not None
        return result.rgb

    def save(
        self, picture: Any, path: str | os.PathLike[str], *, hints: Sequence[Hint] = ()
    ) -> None:
        """Colorize one picture into a file, as `colorize-batch` does.

        Metadata is kept, and a JPEG that becomes a JPEG keeps its luma bit for bit.

        Parameters
        ----------
        picture, hints
            As of `colorize`.
        path
            Its ending names the format; replaced if it exists, missing folders are made.

        Raises
        ------
        PictureError
            The picture cannot be read, or the file cannot be written.
        UsageError
            As of `colorize`; or the ending is of no format that is written, or it is the source.
        BackendError
            The back end failed, or the colorizer is closed.
        """
        given, target = PictureInput.of(picture), Path(path).expanduser()
        self._check_open()
        require_writable_name(target)
        if isinstance(given.source, Path) and given.source.resolve() == target.resolve():
            raise UsageError(f"{target} is the source itself; sources are never written over")
        self._only(given, hints, target)

    def colorize_many(
        self, pictures: Iterable[Any], *, progress: OnProgress | None = None
    ) -> Iterator[ColorizedPicture]:
        """Colorize pictures, several at a time, and give the results in their order.

        Memory does not grow with the number of pictures. One that fails gives a result with an
        `error`; the others go on.

        Parameters
        ----------
        pictures
            Of every kind that `colorize` takes; taken one by one, from another thread.
        progress
            Called after each picture with the number that are done and the number of all, None
            where `pictures` has no length.

        Raises
        ------
        UsageError
            `pictures` is a single one.
        BackendError
            The colorizer is closed.
        """
        self._check_open()
        is_one = hasattr(pictures, "__array__") or hasattr(pictures, "read")
        if is_one or isinstance(pictures, (str, bytes, os.PathLike)):
            raise UsageError("expected several pictures, in a list say; `colorize` takes one")
        total = operator.length_hint(pictures) or None
        results = self._colorized(pictures)
        return results if progress is None else _with_progress(results, total, progress)

    def _colorized(self, pictures: Iterable[Any]) -> Iterator[ColorizedPicture]:
        waiting: deque[PictureInput | ColorizedPicture] = deque()

        def jobs() -> Iterator[Job]:
            for picture in pictures:
                try:
                    given = PictureInput.of(picture)
                except (PictureError, UsageError) as error:
                    failed = ColorizedPicture(source=picture, rgb=None, error=one_line(error))
                    waiting.append(failed)
                    continue
                waiting.append(given)
                yield _job_of(given)

        for outcome in StreamingRunner(self._opened.backend, self._options).run(jobs()):
            self._check_open()
            while isinstance(waiting[0], ColorizedPicture):
                yield waiting.popleft()  # type: ignore[misc]
            given = waiting.popleft()
            assert isinstance(given, PictureInput)
            yield _result_of(given, outcome)
        while waiting:
            yield waiting.popleft()  # type: ignore[misc]

    def _only(
        self, given: PictureInput, hints: Sequence[Hint], output: Path | None = None
    ) -> ColorizedPicture:
        job = _job_of(given, output, hints)
        (outcome,) = StreamingRunner(self._opened.backend, self._options).run([job])
        if outcome.status is not Status.DONE:
            named = f"{given.source}: " if isinstance(given.source, Path) else ""
            raise PictureError(f"{named}{outcome.reason}")
        return _result_of(given, outcome)

    def __getstate__(self) -> dict[str, Any]:
        self._check_open()
        return self._settings

    def __setstate__(self, settings: dict[str, Any]) -> None:
        self.__init__(**settings)  # type: ignore[misc]

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def close(self) -> None:
        """Free the model; idempotent."""
        self._closed = True
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise BackendError("the Colorizer is closed")
        if os.getpid() != self._process:
            raise BackendError(
                "a Colorizer that was made before a fork cannot be used after it, for its threads are "
                "not there; start processes by 'spawn' or 'forkserver', or make it in the children"
            )


def _job_of(given: PictureInput, output: Path | None = None, hints: Sequence[Hint] = ()) -> Job:
    source = given.source if isinstance(given.source, Path) else Path("picture in memory")
    return Job(source, output, tuple(hints), content=given.content)


def _result_of(given: PictureInput, outcome: Outcome) -> ColorizedPicture:
    recolored = outcome.recolored
    return ColorizedPicture(
        source=given.source,
        rgb=None if recolored is None else given.given_back(_pixels_of(recolored)),
        error=outcome.reason,
        _picture=recolored,
    )


def _with_progress(
    results: Iterator[ColorizedPicture], total: int | None, progress: OnProgress
) -> Iterator[ColorizedPicture]:
    for done, result in enumerate(results, 1):
        progress(done, total)
        yield result


def _absolute(model: str | Path) -> str | Path:
    """A path that means the same file in another process's folder; names stay as they are."""
    path = Path(model)
    return path.absolute() if path.suffix else model


def _pixels_of(recolored: RecoloredPicture) -> NDArray[Any]:
    # Only a JPEG that becomes a JPEG file is anything else.
    assert isinstance(recolored, PixelPicture)
    return recolored.channels_last()
