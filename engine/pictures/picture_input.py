"""What a caller of the Python API gives as a picture, made into what the stages take."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import InputTypeError, UnreadableError, UsageError, first_line
from .packed import packed
from .pixel_picture import PixelPicture

EXPECTED: Final = (
    "expected a path, the bytes of a file, an open binary file, an array, a PIL image or a tensor"
)
_FULL_U16: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureInput:
    """A picture as it was given.

    Parameters
    ----------
    source
        A Path for a path, else the object itself.
    content
        None for a path; the bytes of a file; or pixels.
    is_float
        Whether pixels were given as floats 0..1 and are to be given back so.
    """

    source: Any
    content: bytes | PixelPicture | None = None
    is_float: bool = False

    @classmethod
    def of(cls, picture: Any) -> PictureInput:
        """Take a picture of any kind in.

        Parameters
        ----------
        picture
            A path (`~` is the home folder); the bytes of a picture file; a binary file object; an
            array (H, W), (H, W, 1), (H, W, 2) with alpha, (H, W, 3) sRGB or (H, W, 4) with alpha, of
            u8 or u16 over the full range, of bool, or of floats 0..1; a torch tensor of these, or
            with its channels first; a PIL image.

        Raises
        ------
        UsageError
            Something else, or an array of another shape, dtype or range.
        UnreadableError
            A file object cannot be read.
        """
        if isinstance(picture, (str, os.PathLike)):
            return cls(source=Path(os.fspath(picture)).expanduser())
        if isinstance(picture, (bytes, bytearray, memoryview)):
            return cls(source=picture, content=bytes(picture))
        pil = sys.modules.get("PIL.Image")
        if pil is not None and isinstance(picture, pil.Image):
            return replace(_of_array(_pixels_of_pil(picture)), source=picture)
        if callable(getattr(picture, "read", None)):
            return cls(source=picture, content=_bytes_of(picture.read))
        if hasattr(picture, "detach") and hasattr(picture, "cpu"):
            return replace(_of_array(_pixels_of_tensor(picture)), source=picture)
        if hasattr(picture, "__array__"):
            return replace(_of_array(np.asarray(picture)), source=picture)
        raise InputTypeError(f"{EXPECTED}, got {type(picture).__name__}")

    def given_back(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Result pixels as the caller's own were: floats 0..1 where those were floats."""
        return pixels / np.float32(_FULL_U16) if self.is_float else pixels


def _of_array(array: NDArray[Any]) -> PictureInput:
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 2, 3, 4) or 0 in array.shape:
        raise UsageError(f"expected (H, W) or (H, W, 1..4), got {array.shape}")
    is_float = array.dtype.kind == "f"
    if is_float:
        array = _u16_of_float(array)
    elif array.dtype == np.bool_:
        array = array.astype(np.uint8) * np.uint8(255)
    elif array.dtype.kind != "u" or array.dtype.itemsize > 2:
        raise UsageError(f"expected uint8, uint16, bool or floats 0..1, got {array.dtype}")
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    array = array.reshape(*array.shape[:2], channels)
    colors = channels - 1 if channels in (2, 4) else channels
    picture = PixelPicture(
        pixels=packed(array[:, :, 0] if colors == 1 else array[:, :, :3]),
        alpha=packed(array[:, :, colors]) if colors < channels else None,
    )
    return PictureInput(source=None, content=picture, is_float=is_float)


def _u16_of_float(array: NDArray[Any]) -> NDArray[np.uint16]:
    low, high = float(array.min()), float(array.max())
    if not (low >= 0.0 and high <= 1.0):  # also NaN
        raise UsageError(
            f"expected floats 0..1, got {low:g}..{high:g}; divide by the value of white"
        )
    scaled: NDArray[np.uint16] = np.rint(array * _FULL_U16).astype(np.uint16)
    return scaled


def _pixels_of_tensor(tensor: Any) -> NDArray[Any]:
    tensor = tensor.detach().cpu()
    array: NDArray[Any] = (tensor.float() if tensor.is_floating_point() else tensor).numpy()
    if array.ndim == 3 and array.shape[0] in (1, 2, 3, 4) and array.shape[2] > 4:
        array = np.moveaxis(array, 0, 2)
    return array


def _pixels_of_pil(image: Any) -> NDArray[Any]:
    if image.mode in ("P", "PA"):
        has_alpha = image.mode == "PA" or "transparency" in image.info
        image = image.convert("RGBA" if has_alpha else "RGB")
    elif image.mode in ("CMYK", "YCbCr", "HSV", "LAB", "RGBX"):
        image = image.convert("RGB")
    array: NDArray[Any] = np.asarray(image)
    if image.mode == "I":  # 32 bit, as Pillow opens some 16-bit files
        if array.min() < 0 or array.max() > _FULL_U16:
            raise UsageError(f"expected a PIL image of mode I with 0..{_FULL_U16}")
        array = array.astype(np.uint16)
    return array


def _bytes_of(read: Callable[[], Any]) -> bytes:
    try:
        content = read()
    except (OSError, ValueError) as error:
        raise UnreadableError(f"cannot be read: {first_line(error)}") from error
    if not isinstance(content, bytes):
        raise UsageError(
            f"expected a file opened in binary mode, one that gives {type(content).__name__} was given"
        )
    return content
