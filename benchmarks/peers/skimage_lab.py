"""The Lab pipeline in scikit-image, as research code for colorization is mostly written."""

from __future__ import annotations

from PIL import Image
from skimage import color, io, transform, util

from colorize_batch.benchmarks.engine.workload import Workload

from .contestants import Run
from .network import Network
from .one_by_one import one_by_one

_QUALITY = 90  # of the sources


def prepared(workload: Workload) -> Run:
    """Load the network and do a first picture."""
    network = Network(workload)

    def colorize(source: str, output: str) -> None:
        lab = color.rgb2lab(color.gray2rgb(io.imread(source)))
        l_plane = lab[:, :, 0]
        small = transform.resize(l_plane, network.working_shape(*l_plane.shape), anti_aliasing=True)
        ab_hwc = network.ab_planes(small).transpose(1, 2, 0)
        lab[:, :, 1:] = transform.resize(ab_hwc, l_plane.shape)
        rgb_u8 = util.img_as_ubyte(color.lab2rgb(lab).clip(0, 1))
        Image.fromarray(rgb_u8).save(output, quality=_QUALITY)

    return one_by_one(colorize, workload)
