"""The threads of one film: decode, track and paint, with order kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from ..inference.backend import Backend
from ..threads.channel import Channel, ChannelClosed
from ..threads.run_threads import run_threads
from .color.film_stages import FilmStages
from .color.frame_view import FrameView
from .color.track_state import TrackState
from .compare import compared
from .film_options import Compare, FilmOptions
from .media.film_info import FilmInfo
from .media.frame_reader import FrameReader
from .media.video_encoder import VideoEncoder

if TYPE_CHECKING:
    from av import VideoFrame

# Frames between two stages: enough to bridge a look of the model.
_WAITING: Final = 4


@dataclass(frozen=True, slots=True)
class PaintedFrame:
    """A frame in colour, and the state of the film after it."""

    frame: VideoFrame
    state: TrackState


@dataclass(frozen=True, slots=True)
class TrackedFrame:
    """A frame with the colour it is going to have."""

    frame: VideoFrame
    view: FrameView
    state: TrackState


class FilmPipeline:
    """Decodes and tracks frames ahead of the encoder, and paints them for it.

    Whoever takes the frames paints them: that is quick, and another thread would cost small films
    more than it saves.

    Parameters
    ----------
    backend
        Runs the network.
    info, encoder, options
        Of the film, its output and the user's wishes.
    state
        After the frames that are done; None at the start.
    stop
        When set, no further frame is decoded.
    """

    def __init__(
        self,
        backend: Backend,
        info: FilmInfo,
        encoder: VideoEncoder,
        options: FilmOptions,
        state: TrackState | None,
        stop: Event,
    ) -> None:
        self.reader = FrameReader(info)
        self._state = state
        self._stop = stop
        self._layout = encoder.layout
        self._compare: Compare = options.compare
        self._stages = FilmStages.of(backend, info, encoder, options)
        self._decoded: Channel[VideoFrame] = Channel(_WAITING, producers=1)
        self._tracked: Channel[TrackedFrame] = Channel(_WAITING, producers=1)
        self._error: Exception | None = None

    @property
    def resized(self) -> int:
        """Frames of another size than the first, so far."""
        return self._stages.converter.resized

    @contextmanager
    def running(self) -> Iterator[None]:
        """All threads at work until the block ends."""
        loops = (("decode", self._decode_loop), ("track", self._track_loop))
        with run_threads(loops, (self._decoded, self._tracked)):
            yield

    def painted(self) -> Iterator[PaintedFrame]:
        """The frames in order, each its own; raises what a stage raised, after those before it."""
        while True:
            try:
                tracked = self._tracked.get()
            except ChannelClosed:
                break
            assert tracked is not None
            yield self._in_color(tracked)
        if self._error is not None:
            raise self._error

    def _decode_loop(self) -> None:
        skip = 0 if self._state is None else self._state.frame + 1
        try:
            for frame in self.reader.frames(skip):
                if self._stop.is_set():
                    return
                self._decoded.put(frame)
        except ChannelClosed:
            pass
        except Exception as error:  # raised again in painted()
            self._error = error
        finally:
            self._decoded.close()

    def _track_loop(self) -> None:
        try:
            while (frame := self._decoded.get()) is not None:
                self._tracked.put(self._with_color(frame))
        except ChannelClosed:
            pass
        except Exception as error:  # raised again in painted()
            self._error = error
            self._decoded.abort()
        finally:
            self._tracked.close()

    def _with_color(self, decoded: VideoFrame) -> TrackedFrame:
        frame = self._stages.converter.converted(decoded)
        view = self._stages.viewer.view(frame)
        number = 0 if self._state is None else self._state.frame + 1
        before = () if self._state is None else self._state.preparation
        after: list[tuple[float, ...]] = []

        def predict(begins: bool) -> NDArray[np.float32]:
            ab_planes, numbers = self._stages.predictor.ab_planes(
                view, number, () if begins else before
            )
            after.append(numbers)
            return ab_planes

        state = self._stages.track.next(self._state, view.small_u8, predict)
        self._state = replace(state, preparation=after[-1]) if after else state
        return TrackedFrame(frame, view, self._state)

    def _in_color(self, tracked: TrackedFrame) -> PaintedFrame:
        state = tracked.state
        painted = self._stages.painter.paint(tracked.frame, tracked.view, state.ab_planes)
        return PaintedFrame(compared(painted, self._layout, self._compare), state)
