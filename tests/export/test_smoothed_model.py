"""A model file gets the filter that fits its output, in front of its curve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from colorize_batch.engine.inference.model_files import model_file
from colorize_batch.errors import UsageError
from colorize_batch.export.graph.chroma_curve import ChromaCurve, add_chroma_curve, pop_chroma_curve
from colorize_batch.export.graph.guided_smoothing import GuidedSmoothing, pop_guided_smoothing
from colorize_batch.export.graph.read_model import read_model
from colorize_batch.export.parity.onnx_on_cpu import ab_on_cpu
from colorize_batch.export.smoothed_model import smooth_model
from tests.conftest import TINY_CONTRACT, write_tiny_model

CURVE = ChromaCurve(limit=80.0, half=30.0)


def test_the_filter_stands_in_front_of_the_curve(tiny_model: Path, tmp_path: Path) -> None:
    model = onnx.load(tiny_model)
    add_chroma_curve(model, CURVE)
    onnx.save(model, tmp_path / "curved.onnx")
    smooth_model(tmp_path / "curved.onnx", tmp_path / "out.onnx", GuidedSmoothing(radius=3))
    smoothed = onnx.load(tmp_path / "out.onnx")
    assert pop_chroma_curve(smoothed) == CURVE
    assert pop_guided_smoothing(smoothed) == GuidedSmoothing(radius=3, output_stride=2)


def test_one_filter_replaces_another_and_none_takes_it_away(
    tiny_model: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.onnx"
    blocks = np.random.default_rng(0).uniform(0, 100, (1, 1, 4, 4)).astype(np.float32)
    l_batch = np.kron(blocks, np.ones((1, 1, 16, 16), np.float32))
    (plain,) = ab_on_cpu(tiny_model.read_bytes(), [l_batch])
    for smoothing in (GuidedSmoothing(radius=6), GuidedSmoothing(radius=2), None):
        smooth_model(output if output.exists() else tiny_model, output, smoothing)
        found = pop_guided_smoothing(onnx.load(output))
        assert (found and found.radius) == (smoothing and smoothing.radius)
        # A guided filter keeps colours that are a linear function of lightness, but for what epsilon takes.
        (colors,) = ab_on_cpu(output.read_bytes(), [l_batch])
        assert np.abs(colors - plain).mean() < 0.2 < plain.std() / 20
    assert onnx.load(output).graph == onnx.load(tiny_model).graph


def test_output_too_coarse_to_be_halved(tmp_path: Path) -> None:
    contract = replace(TINY_CONTRACT, working_multiple=2)
    source = write_tiny_model(tmp_path / "tiny.onnx", contract)
    with pytest.raises(UsageError, match="expected an even number of them"):
        smooth_model(source, tmp_path / "out.onnx", GuidedSmoothing())
    assert not (tmp_path / "out.onnx").exists()


def test_lite(tmp_path: Path) -> None:
    smooth_model(model_file("lite"), tmp_path / "smooth.onnx", GuidedSmoothing())
    contracts = [read_model(path)[1] for path in (model_file("lite"), tmp_path / "smooth.onnx")]
    assert contracts[0] == contracts[1]
    rng = np.random.default_rng(0)
    noise = rng.uniform(0, 100, (2, 1, 96, 64)).astype(np.float32)
    plain, smooth = (
        np.concatenate(ab_on_cpu(path.read_bytes(), [noise]))
        for path in (model_file("lite"), tmp_path / "smooth.onnx")
    )
    assert smooth.shape == plain.shape
    assert smooth.std() < plain.std()
