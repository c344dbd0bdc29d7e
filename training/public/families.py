"""The public networks, and how to tell them by the keys of their weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from torch import nn

from ...errors import ModelError
from . import convnext, deoldify
from .colorizers import (
    GrayColorizer,
    HintedColorizer,
    LightnessColorizer,
    PaintedColorizer,
    ScaledColorizer,
)
from .ddcolor import DDColor
from .eccv16 import Eccv16
from .siggraph17 import Siggraph17
from .tutorial_resnet18 import TutorialResNet18
from .tutorial_unet import TutorialUNet

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFamily:
    """A network that others published.

    Parameters
    ----------
    name
        Of the layout; DeOldify's stable and video share one.
    build
        Gives the network, with the keys of the published file.
    adapt
        Puts it under the contract: L* in, a* and b* out.
    marks
        Keys with shapes that no other family has, as far as they are needed to tell it.
    credit
        Authors, title, year.
    license
        SPDX, of the published weights.
    training_data
        By the publication.
    multiple
        H and W must be multiples of this.
    side
        Of the square that its own pipeline looks at.
    """

    name: str
    build: Callable[[], nn.Module]
    adapt: type[LightnessColorizer]
    marks: Mapping[str, Shape]
    credit: str
    license: str
    training_data: str
    multiple: int
    side: int


_DDCOLOR: Final = "X. Kang et al., DDColor: Towards Photo-Realistic Image Colorization (2023)"
_DEOLDIFY: Final = "J. Antic, DeOldify (2019), on fastai by J. Howard et al."
_TUTORIAL: Final = "M. Shariatnia, Image Colorization Tutorial (2020)"
_ZHANG: Final = "R. Zhang, P. Isola, A. A. Efros, Colorful Image Colorization (2016)"
_SIGGRAPH: Final = (
    "R. Zhang, J.-Y. Zhu, P. Isola, X. Geng, A. S. Lin, T. Yu, A. A. Efros, Real-Time User-Guided "
    "Image Colorization with Learned Deep Priors (2017)"
)
_STEM: Final = "encoder.arch.downsample_layers.0.0.weight"
_QUERIES: Final = "decoder.color_decoder.query_feat.weight"


def _ddcolor(name: str, size: convnext.ConvNeXtSize) -> PublicFamily:
    width, last_block = size.widths[0], size.depths[2] - 1
    return PublicFamily(
        name=f"ddcolor-{name}",
        build=partial(DDColor, size),
        adapt=GrayColorizer,
        marks={
            _QUERIES: (100, 256),
            _STEM: (width, 3, 4, 4),
            f"encoder.arch.stages.2.{last_block}.gamma": (size.widths[2],),
        },
        credit=_DDCOLOR,
        license="Apache-2.0",
        training_data="ImageNet",
        multiple=32,
        side=512,
    )


def _deoldify(name: str, design: deoldify.Design, marks: Mapping[str, Shape]) -> PublicFamily:
    return PublicFamily(
        name=f"deoldify-{name}",
        build=partial(deoldify.DeOldify, design),
        adapt=PaintedColorizer,
        marks=marks,
        credit=_DEOLDIFY,
        license="MIT",
        training_data="ImageNet (a part)",
        multiple=16,
        side=560,
    )


# Of two that fit, the later one is meant: a larger DDColor has all keys of a smaller one.
PUBLIC_FAMILIES: Final[tuple[PublicFamily, ...]] = (
    PublicFamily(
        name="eccv16",
        build=Eccv16,
        adapt=LightnessColorizer,
        marks={"model8.6.weight": (313, 256, 1, 1), "model_out.weight": (2, 313, 1, 1)},
        credit=_ZHANG,
        license="BSD-2-Clause",
        training_data="ImageNet",
        multiple=8,
        side=256,
    ),
    PublicFamily(
        name="siggraph17",
        build=Siggraph17,
        adapt=HintedColorizer,
        marks={"model1.0.weight": (64, 4, 3, 3), "model_class.0.weight": (529, 256, 1, 1)},
        credit=_SIGGRAPH,
        license="BSD-2-Clause",
        training_data="ImageNet",
        multiple=8,
        side=256,
    ),
    _ddcolor("tiny", convnext.TINY),
    _ddcolor("small", convnext.SMALL),
    _ddcolor("base", convnext.BASE),
    _ddcolor("large", convnext.LARGE),
    _deoldify(
        "artistic",
        deoldify.ARTISTIC,
        {
            "layers.10.layers.0.0.weight_orig": (303, 303, 3, 3),
            "layers.4.conv2.0.weight_orig": (768, 768, 3, 3),
        },
    ),
    _deoldify(
        "wide",
        deoldify.WIDE,
        {
            "layers.10.layers.0.0.weight_orig": (259, 259, 3, 3),
            "layers.4.conv.0.weight_orig": (512, 1536, 3, 3),
        },
    ),
    PublicFamily(
        name="tutorial-unet",
        build=TutorialUNet,
        adapt=ScaledColorizer,
        marks={"model.model.0.weight": (64, 1, 4, 4), "model.model.3.weight": (128, 2, 4, 4)},
        credit=_TUTORIAL,
        license="MIT",
        training_data="COCO (a part)",
        multiple=256,
        side=256,
    ),
    PublicFamily(
        name="tutorial-resnet18",
        build=TutorialResNet18,
        adapt=ScaledColorizer,
        marks={
            "layers.0.0.weight": (64, 1, 7, 7),
            "layers.11.convpath.0.0.weight": (97, 97, 3, 3),
        },
        credit=_TUTORIAL,
        license="MIT",
        training_data="COCO (a part)",
        multiple=16,
        side=256,
    ),
)


def family_of_keys(shapes: Mapping[str, Shape]) -> PublicFamily:
    """Tell a network by the keys and shapes of its weights.

    Parameters
    ----------
    shapes
        Of every tensor, without wrappers.

    Raises
    ------
    ModelError
        It is none of `PUBLIC_FAMILIES`.
    """
    fitting = [
        family
        for family in PUBLIC_FAMILIES
        if all(shapes.get(key) == shape for key, shape in family.marks.items())
    ]
    if fitting:
        return fitting[-1]
    if any(key.startswith("decoder.color_decoder.transformer.") for key in shapes):
        raise ModelError(
            "weights of DDColor's older decoder of a single scale, expected the one of three "
            "scales: use the files of the paper or of ModelScope"
        )
    known = ", ".join(family.name for family in PUBLIC_FAMILIES)
    some = ", ".join(list(shapes)[:3]) or "none"
    raise ModelError(
        f"expected the weights of one of {known}; found {len(shapes)} tensors of another network: "
        f"{some}"
    )
