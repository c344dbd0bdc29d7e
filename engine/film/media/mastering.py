"""The display that a film in high dynamic range was made on, and its light: HDR10's static metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from av import VideoFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Mastering:
    """Static metadata of SMPTE ST 2086 and CTA-861.3.

    Parameters
    ----------
    primaries
        x and y of red, green, blue and white; empty if unknown.
    luminance
        Of the display, cd/m2: least and most; empty if unknown.
    light
        Most of a pixel and of a frame on average, cd/m2; empty if unknown.
    """

    primaries: tuple[float, ...] = ()
    luminance: tuple[float, ...] = ()
    light: tuple[int, ...] = ()

    def x265(self) -> dict[str, str]:
        """Options of libx265."""
        options = {}
        if self.primaries and self.luminance:
            options["master-display"] = self._display(50_000, 10_000, integer=True)
        if self.light:
            options["max-cll"] = f"{self.light[0]},{self.light[1]}"
        return options | ({"hdr10": "1", "repeat-headers": "1"} if options else {})

    def svt_av1(self) -> dict[str, str]:
        """Options of SVT-AV1."""
        options = {}
        if self.primaries and self.luminance:
            options["mastering-display"] = self._display(1, 1, integer=False)
        if self.light:
            options["content-light"] = f"{self.light[0]},{self.light[1]}"
        return options

    def _display(self, place: int, light: int, *, integer: bool) -> str:
        def pair(x: float, y: float, unit: int) -> str:
            return f"({round(x * unit)},{round(y * unit)})" if integer else f"({x:.4f},{y:.4f})"

        red, green, blue, white = (self.primaries[at : at + 2] for at in (0, 2, 4, 6))
        least, most = self.luminance
        points = "".join(
            name + pair(point[0], point[1], place)
            for name, point in (("G", green), ("B", blue), ("R", red), ("WP", white))
        )
        return points + "L" + pair(most, least, light)


def mastering_of(frame: VideoFrame) -> Mastering:
    """Metadata of a decoded frame; empty where it has none.

    FFmpeg's AVMasteringDisplayMetadata is ten fractions of two 32-bit numbers (three primaries, white,
    least and most luminance) and two flags; AVContentLightMetadata is two 32-bit numbers.
    """
    primaries: tuple[float, ...] = ()
    luminance: tuple[float, ...] = ()
    light: tuple[int, ...] = ()
    side_data: Any
    try:
        side_data = frame.side_data
        names = {data.type.name for data in side_data}
    except ValueError:  # there is some that PyAV does not know
        return Mastering()
    if "MASTERING_DISPLAY_METADATA" in names:
        raw = np.frombuffer(side_data["MASTERING_DISPLAY_METADATA"], np.int32)
        values = [float(top / bottom) if bottom else 0.0 for top, bottom in raw[:20].reshape(10, 2)]
        if raw[20]:
            primaries = tuple(values[:8])
        if raw[21]:
            luminance = (values[8], values[9])
    if "CONTENT_LIGHT_LEVEL" in names:
        raw = np.frombuffer(side_data["CONTENT_LIGHT_LEVEL"], np.uint32)
        light = (int(raw[0]), int(raw[1]))
    return Mastering(primaries=primaries, luminance=luminance, light=light)
