"""OpenCV, set up for a streaming run; the one module that imports cv2."""

from __future__ import annotations

from typing import Any, Final

import cv2 as _cv2

__all__ = ["cv2"]

# Its own annotations know no dtype, and refuse arguments that it takes.
cv2: Final[Any] = _cv2

# The stages of a run are the parallelism, so one call gets one thread.
cv2.setNumThreads(1)
