"""Which image of the kernels a driver is given."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import pytest

from colorize_batch.errors import BackendError
from colorize_batch.kernels.cuda import module


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package's data, at first without the file."""
    monkeypatch.setattr(module, "files", lambda package: tmp_path)
    return tmp_path


def test_the_shipped_file_is_taken(folder: Path) -> None:
    (folder / module.FATBIN).write_bytes(b"code of all GPUs")
    image = module.module_image((9, 0))
    assert (image.image, image.origin) == (b"code of all GPUs", "fatbin")


def test_without_it_the_kernels_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_jit_image", lambda: b"ptx\0")
    image = module.module_image((12, 0))
    assert (image.image, image.origin) == (b"ptx\0", "jit")


@pytest.mark.needs_numba
def test_what_is_compiled_is_ptx_as_a_c_string() -> None:
    image = module.module_image((7, 5)).image
    assert b".entry merge_rgb_guided(" in image
    assert image.endswith(b"\0")
    assert image.count(b"\0") == 1


def test_an_old_gpu_is_refused() -> None:
    with pytest.raises(BackendError, match=r"7.5 \(Turing\) or newer, got 6.1"):
        module.module_image((6, 1))


def test_the_package_is_where_the_file_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(module, "files", lambda package: asked.append(package) or Path())
    monkeypatch.setattr(module, "_jit_image", lambda: b"")
    module.module_image((9, 0))
    assert importlib.resources.files(asked[0]).joinpath("module.py").is_file()
