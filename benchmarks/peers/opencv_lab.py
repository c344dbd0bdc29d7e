"""The Lab pipeline in OpenCV: float32 planes, network, enlarged a* and b*, back to 8 bits."""

from __future__ import annotations

import cv2
import numpy as np

from colorize_batch.benchmarks.engine.workload import Workload

from .contestants import Run
from .network import Network
from .one_by_one import one_by_one

_QUALITY = 90  # of the sources


def prepared(workload: Workload) -> Run:
    """Load the network and do a first picture."""
    cv2.setNumThreads(1)  # the pool has a thread a core
    network = Network(workload)

    def colorize(source: str, output: str) -> None:
        bgr = cv2.imread(source, cv2.IMREAD_COLOR)
        assert bgr is not None
        lab = cv2.cvtColor(bgr.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
        l_plane = lab[:, :, 0]
        height, width = network.working_shape(*l_plane.shape)
        small = cv2.resize(l_plane, (width, height), interpolation=cv2.INTER_AREA)
        ab_hwc = np.ascontiguousarray(network.ab_planes(small).transpose(1, 2, 0))
        lab[:, :, 1:] = cv2.resize(ab_hwc, l_plane.shape[::-1], interpolation=cv2.INTER_LINEAR)
        colored = cv2.cvtColor(lab, cv2.COLOR_LAB2BGR)
        bgr_u8 = np.rint(colored * 255).clip(0, 255).astype(np.uint8)
        cv2.imwrite(output, bgr_u8, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])

    return one_by_one(colorize, workload)
