"""OpenCV, set up for a streaming run; the one module that imports cv2."""

from __future__ import annotations

import cv2

__all__ = ["cv2"]

# The stages of a run are the parallelism, so one call gets one thread.
cv2.setNumThreads(1)
