"""Where the kernels run: the simulator where it was asked for, else a GPU, else not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from colorize_batch.errors import BackendError, MissingDependencyError
from colorize_batch.kernels.cuda.binding import INSTALLED, SIMULATED
from colorize_batch.kernels.cuda.card import Card
from tests.kernels.cuda.twin import Simulator, Twin

REQUIRED = os.environ.get("COLORIZE_REQUIRE_CUDA") == "1"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "needs_cuda: needs a GPU; skipped without one, failed under COLORIZE_REQUIRE_CUDA=1",
    )
    config.addinivalue_line("markers", "needs_numba: needs Numba-CUDA, but no GPU")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_numba") and (SIMULATED or not INSTALLED):
        pytest.skip("numba-cuda is not installed; pip install 'colorize-batch[cuda-test]'")


@pytest.fixture(scope="module")
def card() -> Iterator[Card]:
    """The first GPU."""
    try:
        opened = Card()
    except (BackendError, MissingDependencyError) as error:
        if REQUIRED:
            pytest.fail(f"COLORIZE_REQUIRE_CUDA=1, but {error}")
        pytest.skip(str(error))
    with opened:
        yield opened


@pytest.fixture(scope="module")
def twin(request: pytest.FixtureRequest) -> Twin:
    """The kernels on the simulator, or on the first GPU."""
    if SIMULATED:
        return Twin(machine=Simulator(), simulated=True)
    return Twin(machine=request.getfixturevalue("card"), simulated=False)
