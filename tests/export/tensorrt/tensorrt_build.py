"""Tests that build real engines: skipped where that cannot be, failed if it is required."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

TARGETS = ("sm_80", "sm_86", "sm_89", "sm_120")

needs_tensorrt_build = pytest.mark.skipif(
    find_spec("tensorrt_rtx_bindings") is None
    and os.environ.get("COLORIZE_REQUIRE_TENSORRT") != "1",
    reason="needs tensorrt-rtx, which builds without a GPU: pip install 'colorize-batch[tensorrt]'",
)
