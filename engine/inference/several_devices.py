"""Several back ends with one model as one: every batch goes to the device that is free."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from threading import Condition

import numpy as np
from numpy.typing import NDArray

from ...errors import BackendError
from .backend import Backend
from .hints import HintPlanes


class SeveralDevices:
    """Back ends side by side behind one queue; see `Backend`.

    A batch that a device fails at is done by another one; the failed device gets no more, and a
    note says so. A batch that every device fails at is at fault itself, and costs none its place.

    Parameters
    ----------
    backends
        Of one model, at least one; closed with this.
    on_note
        Called with devices that are lost.
    """

    def __init__(self, backends: Sequence[Backend], *, on_note: Callable[[str], None]) -> None:
        first = backends[0]
        self.contract = first.contract
        self.preferred_batch_size = min(backend.preferred_batch_size for backend in backends)
        self.callers = sum(backend.callers for backend in backends)
        self._all = tuple(backends)
        self._on_note = on_note
        self._changed = Condition()
        # Batches that each may still take.
        self._room = {id(backend): backend.callers for backend in backends}
        self._lost: set[int] = set()

    @property
    def device(self) -> str:
        """Name of all devices: "cuda:0,1"."""
        first, *others = (backend.device for backend in self._all)
        return ",".join([first, *(name.rpartition(":")[2] for name in others)])

    @property
    def busy_seconds(self) -> tuple[float, ...]:
        """Busy seconds of each device, where all of them count."""
        return tuple(seconds for backend in self._all for seconds in backend.busy_seconds)

    def infer(
        self, l_batch: NDArray[np.float32], hints: HintPlanes | None = None
    ) -> NDArray[np.float32]:
        """Predict on the least busy device that is left; see `Backend.infer`."""
        failed: dict[int, tuple[Backend, BackendError]] = {}
        while True:
            backend = self._taken(failed.keys())
            if backend is None:
                raise next(iter(failed.values()))[1]
            try:
                ab_batch = backend.infer(l_batch, hints)
            except BackendError as error:
                failed[id(backend)] = backend, error
            else:
                self._lose(failed)
                return ab_batch
            finally:
                self._give_back(backend)

    def interrupt(self) -> None:
        """Interrupt all."""
        for backend in self._all:
            backend.interrupt()

    def close(self) -> None:
        """Close all; idempotent."""
        for backend in self._all:
            backend.close()

    def _taken(self, failed: Collection[int]) -> Backend | None:
        """Wait for a free device; None when this batch has none left to go to."""
        with self._changed:
            while True:
                left = [
                    backend
                    for backend in self._all
                    if id(backend) not in self._lost and id(backend) not in failed
                ]
                if not left:
                    return None
                freest = max(left, key=lambda backend: self._room[id(backend)])
                if self._room[id(freest)]:
                    self._room[id(freest)] -= 1
                    return freest
                self._changed.wait()

    def _give_back(self, backend: Backend) -> None:
        with self._changed:
            self._room[id(backend)] += 1
            self._changed.notify_all()

    def _lose(self, failed: dict[int, tuple[Backend, BackendError]]) -> None:
        """Another device could do it: these are broken."""
        for key, (backend, error) in failed.items():
            with self._changed:
                # Two that each did what the other could not are odd, but better than none.
                is_news = key not in self._lost and len(self._lost) + 1 < len(self._all)
                if is_news:
                    self._lost.add(key)
                    self._changed.notify_all()
            if is_news:
                self._on_note(f"going on without {backend.device}: {error}")
