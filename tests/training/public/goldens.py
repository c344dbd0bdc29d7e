"""Compare networks with what the original code gave for weights made by a rule.

`goldens/NAME.npz` holds inputs, outputs and inner activations of the original network, in float32 and
in float64, with the weights of `weights_rule` (seed 1); `goldens/NAME.keys.tsv` its keys and shapes.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from . import weights_rule

FOLDER = Path(__file__).parent / "goldens"
# Everything at both sizes and in float64 takes ten CPU minutes; by default the cheap part runs.
ALL = os.environ.get("COLORIZE_ALL_GOLDENS") == "1"
NAMES = (
    *("eccv16", "siggraph17", "ddcolor-tiny", "ddcolor-large", "deoldify-artistic"),
    *("deoldify-wide", "tutorial-unet", "tutorial-resnet18"),
)
# They only repeat what the others show, with more layers, in half a minute.
LARGE = ("ddcolor-large", "deoldify-wide")
# (rms, largest), relative to the standard deviation of the golden tensor. The same original with
# other float32 kernels differs by up to 2e-5; only float64 separates a wrong network from rounding.
TOLERANCE = {"float32": (1e-5, 1e-4), "float64": (1e-5, 1e-5)}


@dataclass
class Report:
    failures: list = field(default_factory=list)
    largest: float = 0.0

    def note(self, what, rms, top, limits):
        self.largest = max(self.largest, top)
        if rms > limits[0] or top > limits[1]:
            self.failures.append(f"{what}: rms {rms:.1e}, largest {top:.1e} of std")


class Golden:
    def __init__(self, name):
        self.name = name
        with np.load(FOLDER / f"{name}.npz") as file:
            self.data = {key: file[key] for key in file.files}
        self.meta = json.loads(self.data.pop("meta").tobytes())

    def inputs(self, case):
        names = self.meta["cases"][case]["inputs"]
        return {name: self.data[f"{case}/in/{name}"].astype(np.float32) for name in names}

    def std(self, case):
        return float(self.data[f"{case}/out/stats"][-1, 1])

    def output_errors(self, case, y, where="out"):
        """The stored parts of an output, each with its differences."""
        assert y.shape == tuple(self.meta["cases"][case]["out_shape"])
        step, (h, w) = self.meta["step"], y.shape[2:]
        rows, cols = [0, 1, h // 2, h - 2, h - 1], [0, 1, w // 2, w - 2, w - 1]
        parts = {
            "grid": y[:, :, 1::step, 1::step],
            "rows": y[:, :, rows, :],
            "cols": y[:, :, :, cols],
        }
        return {
            part: np.abs(got - self.data[f"{case}/{where}/{part}"]) for part, got in parts.items()
        }

    def entries(self):
        return entries(self.name)

    def weights(self):
        return weights(self.name)


def entries(name):
    return weights_rule.read_keys(FOLDER / f"{name}.keys.tsv")


@lru_cache(maxsize=2)
def weights(name):
    """The rule's tensors by key; kept, because they take seconds. Not to be changed."""
    return {key: torch.from_numpy(each) for key, each in weights_rule.build(entries(name)).items()}


def compare(network, name, case, precision="float32"):
    """Run one case; the first failure names the first layer that deviates."""
    golden, report = Golden(name), Report()
    limits, dtype = TOLERANCE[precision], getattr(torch, precision)
    seen, hooks = {}, []
    modules = dict(network.to(dtype).named_modules())
    for path in golden.meta["activations"]:
        # Copied: a later ReLU in place must not reach it.
        def keep(_module, _inputs, output, path=path):
            seen[path] = output.detach().clone().numpy()

        hooks.append(modules[path].register_forward_hook(keep))
    try:
        with torch.no_grad():
            inputs = [torch.from_numpy(each).to(dtype) for each in golden.inputs(case).values()]
            y = network(*inputs).numpy()
    finally:
        for hook in hooks:
            hook.remove()
    where = "act64" if precision == "float64" else "act"
    for path in golden.meta["activations"]:
        got = seen[path]
        assert got.shape == tuple(golden.meta["cases"][case]["act_shape"][path]), path
        mean, std = golden.data[f"{case}/stat/{path}"]
        picked = got.reshape(-1)[golden.data[f"{case}/idx/{path}"]]
        errors = np.abs(picked - golden.data[f"{case}/{where}/{path}"].astype(np.float64)) / std
        report.note(path, float(np.sqrt((errors**2).mean())), float(errors.max()), limits)
        off = abs(got.mean(dtype=np.float64) - mean) / std
        spread = abs(got.std(dtype=np.float64) / std - 1)
        report.note(f"{path}, mean and spread of the whole", 0.0, max(off, spread), limits)
    where = "out64" if precision == "float64" else "out"
    for part, absolute in golden.output_errors(case, y, where).items():
        errors = absolute / golden.std(case)
        report.note(
            f"output, {part}", float(np.sqrt((errors**2).mean())), float(errors.max()), limits
        )
    return report
