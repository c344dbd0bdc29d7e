"""Without Numba everything imports, and what needs it says so."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import pkgutil, sys
from importlib import import_module

HIDDEN = ("numba", "numba_cuda", "cuda")

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
import importlib.util as util
find = util.find_spec
util.find_spec = lambda name, package=None: None if name in HIDDEN else find(name, package)

package = import_module("colorize_batch.kernels.cuda")
names = [module.name for module in pkgutil.iter_modules(package.__path__)]
assert "ptx" in names and "card" in names
for name in names:
    import_module(f"colorize_batch.kernels.cuda.{name}")

from colorize_batch.errors import MissingDependencyError
from colorize_batch.kernels.cuda import binding, card, ptx
assert not binding.INSTALLED
for needing in (ptx.ptx_from_kernels, card.Card):
    try:
        needing()
    except MissingDependencyError as error:
        print(error)
"""

LAZY = """
import sys
from colorize_batch.kernels.cuda import launches, layout, module
assert not {"numba", "llvmlite", "cuda"} & set(sys.modules)
"""


def printed_by(program: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_every_module_imports_without_numba_and_a_use_names_the_extra() -> None:
    compiling, reaching = printed_by(PROGRAM).splitlines()
    assert compiling == (
        "compiling the CUDA kernels needs 'numba-cuda'; pip install 'colorize-batch[cuda]'"
    )
    assert reaching == "reaching a GPU needs 'cuda-bindings'; pip install 'colorize-batch[cuda]'"


def test_launching_shipped_kernels_loads_no_numba() -> None:
    printed_by(LAZY)
