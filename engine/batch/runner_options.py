"""The settings of a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...errors import require
from ..pictures.look import Look
from ..pictures.metadata.provenance import Provenance
from ..pictures.preparation.preparation_options import PreparationOptions
from ..pictures.read_options import MAX_PIXELS, ReadOptions
from ..threads.cores import available_cores
from ..threads.memory import available_memory
from .source_bytes import MAX_FILE_BYTES

MAX_SECONDS = 60.0
_PIXELS_PER_WORKER = 13_000_000
# Of 16 bits and with alpha, decoded, coloured and encoded; ordinary ones take 2 to 9.
_MOST_BYTES_PER_PIXEL = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerOptions:
    """Options of a run over pictures.

    Parameters
    ----------
    look
        How the colour is put in.
    preparation
        What is done to a picture before the network sees it.
    quality
        1..100 of lossy formats; 0 takes each format's own.
    skip_color
        Leave pictures alone that are in colour already.
    max_pixels
        Height x width beyond which a picture is refused.
    salvage
        Colorize what can be read of a damaged picture, in place of refusing it.
    invert
        Turn light and dark around first: pictures are scanned negatives.
    all_frames
        Colorize every frame of an animation where the output's format can hold them.
    keep_times
        Give outputs the time of change of their sources.
    provenance
        What outputs say of the model that added their colour; None leaves that out.
    max_bytes
        Bytes of one file beyond which it is refused, unread.
    max_seconds
        Of decoding, preparing and recolouring one picture, after which it is stopped and has
        failed; and of waiting for the next bytes of its file.
    max_pixels_in_flight
        Pixels decoded at one time, over all pictures in the engine; bounds memory. 0 is 13 million
        for each worker, a 12-megapixel picture each, where memory suffices.
    batch_size
        Pictures the network takes at a time; 0 is as the back end prefers.
    workers
        Threads of each stage but inference; 0 is the number of cores.
    working_size
        Root of the area that the model looks at, pixels; 0 is as the model's contract says.
    best
        Average with the mirror image's colours: a little better, and twice the network's time.
    ordered
        Deliver outcomes in the order of the jobs.

    Raises
    ------
    UsageError
        A value is out of its range.
    """

    look: Look = field(default_factory=Look)
    preparation: PreparationOptions = field(default_factory=PreparationOptions)
    quality: int = 0
    skip_color: bool = False
    max_pixels: int = MAX_PIXELS
    salvage: bool = False
    invert: bool = False
    all_frames: bool = False
    keep_times: bool = False
    provenance: Provenance | None = None
    max_bytes: int = MAX_FILE_BYTES
    max_seconds: float = MAX_SECONDS
    max_pixels_in_flight: int = 0
    batch_size: int = 0
    workers: int = 0
    working_size: int = 0
    best: bool = False
    ordered: bool = False

    def __post_init__(self) -> None:
        require(0 <= self.quality <= 100, "quality: expected 1..100")
        require(self.max_pixels > 0, "max pixels: expected at least 1")
        require(self.max_bytes > 0, "max bytes: expected at least 1")
        require(self.max_seconds > 0, "max seconds: expected more than 0")
        require(self.max_pixels_in_flight >= 0, "pixels in flight: expected at least 0")
        require(0 <= self.batch_size <= 256, "batch size: expected 1..256, or auto")
        require(self.working_size >= 0, "working size: expected a number of pixels, or auto")
        require(0 <= self.workers <= 256, "workers: expected 1..256, or auto")

    @property
    def reading(self) -> ReadOptions:
        """How pictures are read."""
        return ReadOptions(
            max_pixels=self.max_pixels,
            salvage=self.salvage,
            invert=self.invert,
            all_frames=self.all_frames,
        )

    @property
    def threads(self) -> int:
        """The number of workers, with "auto" resolved."""
        return self.workers or available_cores()

    @property
    def pixels_in_flight(self) -> int:
        """The bound on decoded pixels, with 0 resolved."""
        if self.max_pixels_in_flight:
            return self.max_pixels_in_flight
        wanted = self.threads * _PIXELS_PER_WORKER
        memory = available_memory()
        return wanted if memory is None else max(1, min(wanted, memory // _MOST_BYTES_PER_PIXEL))
