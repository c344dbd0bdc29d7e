"""What each public project does with a picture, written anew: its libraries, sizes and order of steps.

PyTorch in eager mode with all threads, a picture at a time, as their scripts run. The networks are
this project's, with norms computed on every call, as the originals do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from skimage import color
from torch import Tensor, nn
from torch.nn import functional

from colorize_batch.benchmarks.engine.workload import Workload
from colorize_batch.training.public.colorizers import IMAGENET_MEAN, IMAGENET_STD
from colorize_batch.training.public.ddcolor import LAST_SCALE, DDColor
from colorize_batch.training.public.pixel_shuffle import blurred
from colorize_batch.training.public.public_weights import read_public_weights

from ..peers.contestants import Run

QUALITY = 90  # of the sources
Steps: TypeAlias = Callable[[str, str], None]


def prepared(weights: Path, side: int, workload: Workload) -> Run:
    """Load the network and do a first picture.

    Parameters
    ----------
    weights
        A file of public weights.
    side
        Of the square that the network looks at.
    workload
        The pictures.
    """
    public = read_public_weights(weights)
    project = public.family.name.partition("-")[0]
    network = public.network()
    if isinstance(network, DDColor):
        network.__class__ = PublishedDDColor
    steps = {"eccv16": _zhang, "siggraph17": _zhang, "ddcolor": _ddcolor, "deoldify": _deoldify}
    colorize = steps.get(project, _tutorial)(network, side)

    def run(limit_s: float) -> int:
        end, done = time.perf_counter() + limit_s, 0
        for job in workload.jobs():
            colorize(str(job.source), str(job.output))
            done += 1
            if time.perf_counter() > end:
                break
        return done

    first = next(workload.jobs())
    with torch.inference_mode():
        colorize(str(first.source), str(first.output))
    return run


class PublishedDDColor(DDColor):
    """DDColor in the order of its own code: all features and all maps at the full size."""

    def forward(self, rgb: Tensor) -> Tensor:
        """(N, 3, H, W) 0..1 to (N, 2, H, W) a*, b*."""
        rgb = (rgb - self.mean) / self.std
        features, colors = self.decoder(self.encoder.arch(rgb))
        full = blurred(functional.pixel_shuffle(features, LAST_SCALE))
        maps = torch.einsum("bqc,bchw->bqhw", colors, full)
        ab: Tensor = self.refine_net(torch.cat([maps, rgb], dim=1))
        return ab


def _zhang(network: nn.Module, side: int) -> Steps:
    def colorize(source: str, output: str) -> None:
        rgb = np.asarray(Image.open(source).convert("RGB"))
        small = np.asarray(Image.fromarray(rgb).resize((side, side), Image.Resampling.BICUBIC))
        l_full, l_small = (_plane(color.rgb2lab(each)[:, :, 0]) for each in (rgb, small))
        with torch.inference_mode():
            ab = functional.interpolate(network(l_small), size=l_full.shape[2:], mode="bilinear")
        lab = torch.cat([l_full, ab], dim=1)[0].numpy().transpose(1, 2, 0)
        _save(color.lab2rgb(lab), output)

    return colorize


def _tutorial(network: nn.Module, side: int) -> Steps:
    def colorize(source: str, output: str) -> None:
        rgb = np.asarray(Image.open(source).convert("RGB"))
        small = np.asarray(Image.fromarray(rgb).resize((side, side), Image.Resampling.BICUBIC))
        l_full, l_small = (_plane(color.rgb2lab(each)[:, :, 0]) for each in (rgb, small))
        with torch.inference_mode():
            ab = 110 * network(l_small / 50 - 1)
            # The tutorial stops at the small size; this is the least that gives a whole picture.
            ab = functional.interpolate(ab, size=l_full.shape[2:], mode="bilinear")
        lab = torch.cat([l_full, ab], dim=1)[0].numpy().transpose(1, 2, 0)
        _save(color.lab2rgb(lab), output)

    return colorize


def _ddcolor(network: nn.Module, side: int) -> Steps:
    def colorize(source: str, output: str) -> None:
        bgr = (cv2.imread(source) / 255.0).astype(np.float32)
        height, width = bgr.shape[:2]
        l_full = cv2.cvtColor(bgr, cv2.COLOR_BGR2Lab)[:, :, :1]
        lab = cv2.cvtColor(cv2.resize(bgr, (side, side)), cv2.COLOR_BGR2Lab)
        lab[:, :, 1:] = 0
        gray = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
        with torch.inference_mode():
            ab = network(torch.from_numpy(gray.transpose(2, 0, 1))[None])
            full = functional.interpolate(ab, size=(height, width))[0].numpy()
        lab = np.concatenate([l_full, full.transpose(1, 2, 0)], axis=-1)
        colored = cv2.cvtColor(lab, cv2.COLOR_LAB2BGR)
        pixels = (colored * 255.0).round().astype(np.uint8)
        cv2.imwrite(output, pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])

    return colorize


def _deoldify(network: nn.Module, side: int) -> Steps:
    mean, std = (torch.tensor(each)[:, None, None] for each in (IMAGENET_MEAN, IMAGENET_STD))

    def colorize(source: str, output: str) -> None:
        original = Image.open(source).convert("RGB")
        small = original.resize((side, side), Image.Resampling.BILINEAR)
        gray = np.asarray(small.convert("LA").convert("RGB"))
        x = torch.from_numpy(gray.astype(np.float32) / 255).permute(2, 0, 1)
        with torch.inference_mode():
            painted = network(((x - mean) / std)[None])[0] * std + mean
        pixels = (painted.clamp(0, 1) * 255).byte().permute(1, 2, 0).numpy()
        full = Image.fromarray(pixels).resize(original.size, Image.Resampling.BILINEAR)
        yuv = cv2.cvtColor(np.asarray(full), cv2.COLOR_RGB2YUV)
        merged = cv2.cvtColor(np.asarray(original), cv2.COLOR_RGB2YUV)
        merged[:, :, 1:] = yuv[:, :, 1:]
        rgb = cv2.cvtColor(merged, cv2.COLOR_YUV2RGB)
        Image.fromarray(rgb).save(output, quality=QUALITY)

    return colorize


def _plane(values: NDArray[np.floating]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))[None, None]


def _save(rgb: NDArray[np.floating], output: str) -> None:
    Image.fromarray((rgb.clip(0, 1) * 255).astype(np.uint8)).save(output, quality=QUALITY)
