"""A picture on its way through the engine: its own luma, and what must be kept."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .formats import PictureFormat
from .look import Look
from .metadata.provenance import Provenance
from .preparation.box import WHOLE, Box


class Picture(Protocol):
    """Interface of a decoded picture.

    Attributes
    ----------
    height, width
        Pixels, upright (EXIF orientation applied).
    """

    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...

    def l_plane(self, height: int, width: int, box: Box = WHOLE) -> NDArray[np.float32]:
        """(height, width) CIELAB L* in 0..100 of a part, area-averaged; a new array."""
        ...

    def is_in_color(self) -> bool:
        """Whether it shows colour already, beyond a tint or noise."""
        ...

    def recolored(self, ab_planes: NDArray[np.float32], look: Look) -> RecoloredPicture:
        """The picture with predicted colour.

        Parameters
        ----------
        ab_planes
            (2, h, w) CIELAB a*, b* of the upright picture at any size.
        look
            How the colour is put in.
        """
        ...


class RecoloredPicture(Protocol):
    """A picture in colour, ready to be encoded."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user is to know of this picture, a line each."""
        ...

    def lost_in(self, picture_format: PictureFormat) -> tuple[str, ...]:
        """The kinds of metadata of the source that a format has no place for."""
        ...

    def encoded(
        self, picture_format: PictureFormat, quality: int, provenance: Provenance | None = None
    ) -> bytes:
        """The bytes of a file.

        Parameters
        ----------
        picture_format
            To encode in.
        quality
            1..100 where the format is lossy; 0 takes the format's own.
        provenance
            What the file says of how it was made; None leaves that out.

        Raises
        ------
        UnwritableError
            The format cannot hold the picture (too large, for one).
        """
        ...
