"""The Python API: colour for arrays and files, without a command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .chosen_model import choose_model
from .engine.batch.job import Job
from .engine.batch.picture_stages import Decoded, PictureStages
from .engine.batch.runner_options import RunnerOptions
from .engine.batch.streaming_runner import StreamingRunner
from .engine.inference.hints import Hint, require_hints
from .engine.inference.model_files import DEFAULT_MODEL
from .engine.pictures.look import Look, Style
from .engine.pictures.picture import RecoloredPicture
from .engine.pictures.pixel_picture import PixelPicture
from .engine.pictures.preparation.preparation_options import PreparationOptions, Upright
from .engine.pictures.reader import MAX_PIXELS
from .errors import BackendError, PictureError


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorizedPicture:
    """A result of `Colorizer.colorize_many`.

    Parameters
    ----------
    source
        The path that was given.
    rgb
        (H, W, 3), or (H, W, 4) with alpha, u8 or u16 as the source, sRGB, upright; None if it
        failed.
    error
        One line when it failed, else empty.
    """

    source: Path
    rgb: NDArray[Any] | None
    error: str = ""


class Colorizer:
    """A loaded model that colorizes; use it in a `with` block, or `close()` it.

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
        batch_size: int = 0,
        workers: int = 0,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self._options = RunnerOptions(
            look=Look(saturation=saturation, style=style),
            preparation=PreparationOptions(as_is=as_is, upright=upright),
            working_size=working_size,
            best=best,
            batch_size=batch_size,
            workers=workers,
            max_pixels=max_pixels,
            ordered=True,
        )
        self._opened = choose_model(model, device).open()
        self._closed = False

    def colorize(
        self, picture: NDArray[Any] | str | Path, *, hints: Sequence[Hint] = ()
    ) -> NDArray[Any]:
        """Colorize one picture.

        Parameters
        ----------
        picture
            A file, or an array: (H, W) gray, (H, W, 2) gray with alpha, (H, W, 3) sRGB or
            (H, W, 4) sRGB with alpha; u8 or u16 over the full range. Colour it has is replaced.
        hints
            Colours for places, for a model that takes them.

        Returns
        -------
        NDArray
            (H, W, 3), or (H, W, 4) where there is alpha, of the same dtype; a new array.

        Raises
        ------
        PictureError
            The file cannot be read, or is larger than `max_pixels`.
        ValueError
            The array has another shape or dtype.
        UsageError
            There are hints, and the model takes none.
        BackendError
            The back end failed, or the colorizer is closed.
        """
        if hints:
            self._check_open()
            require_hints(self._opened.backend.contract)
        if isinstance(picture, (str, Path)):
            (result,) = self._colorized([Job(Path(picture), hints=tuple(hints))])
            if result.rgb is None:
                raise PictureError(f"{picture}: {result.error}")
            return result.rgb
        self._check_open()
        stages = PictureStages(self._opened.backend, self._options)
        prepared = stages.prepare(Decoded(_picture_of(picture), tuple(hints)))
        return _pixels_of(stages.recolor(stages.predicted(prepared)).picture)

    def colorize_many(self, paths: Iterable[str | Path]) -> Iterator[ColorizedPicture]:
        """Colorize files, several at a time, and give the results in the order of the paths.

        Memory does not grow with the number of paths. A file that fails gives a result with an
        `error`; the others go on.

        Raises
        ------
        BackendError
            The colorizer is closed.
        """
        return self._colorized(Job(Path(path)) for path in paths)

    def _colorized(self, jobs: Iterable[Job]) -> Iterator[ColorizedPicture]:
        self._check_open()
        for outcome in StreamingRunner(self._opened.backend, self._options).run(jobs):
            yield ColorizedPicture(
                source=outcome.job.source,
                rgb=None if outcome.recolored is None else _pixels_of(outcome.recolored),
                error=outcome.reason,
            )

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


def _picture_of(array: NDArray[Any]) -> PixelPicture:
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 2, 3, 4) or 0 in array.shape:
        raise ValueError(f"expected (H, W) or (H, W, 1..4), got {array.shape}")
    if array.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"expected uint8 or uint16, got {array.dtype}")
    array = array.reshape(*array.shape[:2], channels)
    colors = channels - 1 if channels in (2, 4) else channels
    return PixelPicture(
        pixels=np.ascontiguousarray(array[:, :, 0] if colors == 1 else array[:, :, :3]),
        alpha=np.ascontiguousarray(array[:, :, colors]) if colors < channels else None,
    )


def _pixels_of(recolored: RecoloredPicture) -> NDArray[Any]:
    # Only a JPEG that becomes a JPEG file is anything else.
    assert isinstance(recolored, PixelPicture)
    return recolored.channels_last()
