from __future__ import annotations

import pytest

from colorize_batch.engine.pictures.vips import pyvips
from colorize_batch.kernels.srgb_profile import is_srgb_profile


@pytest.mark.parametrize(("name", "is_srgb"), [("srgb", True), ("p3", False), ("cmyk", False)])
def test_profiles_that_come_with_libvips(name, is_srgb):
    blob = pyvips.Operation.call("profile_load", name)
    assert is_srgb_profile(bytes(blob)) is is_srgb


@pytest.mark.parametrize("damaged", [b"", b"RGB", bytes(16) + b"RGB " + bytes(200), b"\xff" * 500])
def test_damaged_profiles(damaged):
    assert not is_srgb_profile(damaged)
