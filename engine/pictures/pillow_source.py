"""Pictures of formats that the libvips wheel lacks, read by Pillow; the one module that imports it.

Pillow's plugins are taken one by one and by a file's first bytes, so no other parser of Pillow's ever
sees a file; what a picture's size may be is checked before its pixels are read.
"""

from __future__ import annotations

import importlib
import io
import re
import warnings
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import UnreadableError
from .vips import pyvips

# A damaged file is told by its failure, not by lines of Pillow's own with paths of its modules.
warnings.filterwarnings("ignore", module=r"PIL\.")

# Signature -> (name of the format, module, class).
_PLUGINS: Final = (
    (rb"BM", "BMP", "PIL.BmpImagePlugin", "BmpImageFile"),
    (rb"P[1-6][\s#]", "PNM", "PIL.PpmImagePlugin", "PpmImageFile"),
    (rb"P[fFy7][\s#]", "PNM", "PIL.PpmImagePlugin", "PpmImageFile"),
    (rb"\x0a[\0\x02\x03\x05]\x01", "PCX", "PIL.PcxImagePlugin", "PcxImageFile"),
    (rb"8BPS\0\x01", "PSD", "PIL.PsdImagePlugin", "PsdImageFile"),
    (rb"\x01\xda", "SGI", "PIL.SgiImagePlugin", "SgiImageFile"),
    (rb"\0\0\x01\0", "ICO", "PIL.IcoImagePlugin", "IcoImageFile"),
    (rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000", "PIL.Jpeg2KImagePlugin",
     "Jpeg2KImageFile"),
    (rb".{4}ftyp(?:avis|avif|mif1)", "AVIF", "PIL.AvifImagePlugin", "AvifImageFile"),
    (rb"II[*+]\0|MM\0[*+]", "TIFF", "PIL.TiffImagePlugin", "TiffImageFile"),
    (rb".{4}ftyp(?:heic|heix|heim|heis|hevc|hevx|mif1|msf1)", "HEIC", "pillow_heif.as_plugin",
     "HeifImageFile"),
    (rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL", "pillow_jxl.JpegXLImagePlugin",
     "JXLImageFile"),
    # Without a signature: a plausible header, tried last.
    (rb".[\0\x01][\x01-\x03\x09-\x0b].{13}[\x01\x08\x0f\x10\x18\x20]", "TGA", "PIL.TgaImagePlugin",
     "TgaImageFile"),
)  # fmt: skip
_EXTRAS: Final = {"HEIC": "heif", "JPEG XL": "jxl"}
_DEEP: Final = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})


class PillowSource:
    """A file whose header Pillow has read.

    Parameters
    ----------
    file_bytes
        The whole file.

    Raises
    ------
    UnreadableError
        Of no format that is read, or the package that reads it is missing.
    """

    def __init__(self, file_bytes: bytes) -> None:
        for pattern, name, module, plugin in _PLUGINS:
            if not re.match(pattern, file_bytes[:18], re.DOTALL):
                continue
            try:
                opened = getattr(_module(name, module), plugin)(io.BytesIO(file_bytes))
                self.frames = int(getattr(opened, "n_frames", 1))  # reads the pages' directories
            except UnreadableError:
                raise
            except Exception as error:  # the plugin's refusal, whatever its type
                if name in ("AVIF", "TGA"):
                    continue
                raise UnreadableError(f"truncated or damaged {name} file") from error
            self.name = name
            self._picture = opened
            self.width, self.height = opened.size
            return
        raise UnreadableError("no format that is read")

    def seek(self, frame: int) -> None:
        """Go to a frame or page, from 0; raises UnreadableError."""
        try:
            self._picture.seek(frame)
        except Exception as error:  # EOFError, SyntaxError, OSError
            raise UnreadableError(f"{self.name}: no page {frame + 1} can be read") from error
        self.width, self.height = self._picture.size

    @property
    def dpi(self) -> tuple[float, float] | None:
        """Dots per inch; None where the file states none."""
        dpi = self._picture.info.get("dpi")
        if self.name in ("TIFF", "PCX") or not dpi or min(dpi) <= 1:
            return None if self.name != "PCX" or not dpi else (float(dpi[0]), float(dpi[1]))
        return float(dpi[0]), float(dpi[1])

    def blob(self, name: str) -> bytes:
        """What Pillow calls "icc_profile", "exif" or "xmp"; empty where there is none."""
        value = self._picture.info.get(name) or b""
        return bytes(value) if isinstance(value, bytes | bytearray) else b""

    def image(self) -> Any:
        """Decode to a libvips image of u8, u16 or float; raises UnreadableError."""
        try:
            self._picture.load()
            pixels, interpretation = _pixels(self._picture, self.name)
        except Exception as error:  # plugins raise OSError, ValueError, SyntaxError, struct.error
            raise UnreadableError(f"truncated or damaged {self.name} file") from error
        image = pyvips.Image.new_from_array(
            np.ascontiguousarray(pixels), interpretation=interpretation
        )
        profile = self.blob("icc_profile")
        if profile:
            image = image.copy()
            blob: Any = profile  # pyvips states no bytes in its types
            image.set_type(pyvips.GValue.blob_type, "icc-profile-data", blob)
        return image


def jpeg2000_array(file_bytes: bytes) -> NDArray[Any]:
    """(H, W, C) u8 or u16 of a JPEG 2000 codestream, as TIFF holds one a strip or tile."""
    plugin = _module("JPEG 2000", "PIL.Jpeg2KImagePlugin")
    picture = plugin.Jpeg2KImageFile(io.BytesIO(file_bytes))
    picture.load()
    pixels = np.asarray(picture)
    return pixels.reshape(*pixels.shape[:2], -1)


def _module(name: str, module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        extra = _EXTRAS.get(name)
        if extra is None:
            raise
        raise UnreadableError(
            f"{name} pictures need another package; pip install 'colorize-batch[{extra}]'"
        ) from error


def _pixels(picture: Any, name: str) -> tuple[NDArray[Any], str]:
    mode = picture.mode
    if mode in ("1", "P", "PA"):
        if mode == "1":
            picture = picture.convert("L")
        else:
            transparent = mode == "PA" or "transparency" in picture.info
            picture = picture.convert("RGBA" if transparent else "RGB")
    elif mode == "RGBX":
        picture = picture.convert("RGB")
    elif mode == "La":
        picture = picture.convert("LA")
    elif mode == "RGBa":
        picture = picture.convert("RGBA")
    mode = picture.mode
    pixels = np.asarray(picture)
    if mode in _DEEP:
        pixels = pixels.astype(np.uint16)
        bits = _bits_of_tiff(picture) if name == "TIFF" else 16
        return (
            pixels << (16 - bits) | pixels >> (2 * bits - 16) if 8 < bits < 16 else pixels
        ), "grey16"
    if mode == "I":
        return np.clip(pixels, 0, 65535).astype(np.uint16), "grey16"
    if mode == "F":
        return pixels.astype(np.float32), "b-w"
    if mode == "LAB":
        signed = pixels.astype(np.float32)
        signed[..., 0] *= 100 / 255
        signed[..., 1:] = pixels[..., 1:].view(np.int8)
        return signed, "lab"
    if mode == "CMYK":
        return pixels, "cmyk"
    if mode in ("L", "LA"):
        return pixels, "b-w"
    if mode in ("RGB", "RGBA"):
        return pixels, "srgb"
    return np.asarray(picture.convert("RGB")), "srgb"


def _bits_of_tiff(picture: Any) -> int:
    bits = picture.tag_v2.get(258, 16)
    return int(bits[0] if isinstance(bits, tuple) else bits)
