"""Recording graphs, on a driver that only remembers."""

# ruff: noqa: N802  the driver's own names

from __future__ import annotations

import enum
from types import SimpleNamespace

import pytest

from colorize_batch.engine.inference.gpu import cuda_graph
from colorize_batch.engine.inference.gpu.cuda_graph import recorded_graph
from colorize_batch.engine.inference.gpu.protocol import DeviceError, DeviceMemoryError


class State(enum.IntEnum):
    CUDA_SUCCESS = 0
    CUDA_ERROR_OUT_OF_MEMORY = 2
    CUDA_ERROR_STREAM_CAPTURE_INVALIDATED = 901


class Driver:
    CUstreamCaptureMode = SimpleNamespace(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL=1)

    def __init__(self, **states):
        self.states = states
        self.log = []

    def answer(self, name, *arguments, result=()):
        self.log.append((name, *arguments))
        return (self.states.get(name, State.CUDA_SUCCESS), *result)

    def cuStreamBeginCapture(self, stream, mode):
        return self.answer("begin", stream, mode)

    def cuStreamEndCapture(self, stream):
        return self.answer("end", stream, result=["graph"])

    def cuGraphInstantiate(self, graph, flags):
        return self.answer("instantiate", graph, flags, result=["executable"])

    def cuGraphDestroy(self, graph):
        return self.answer("destroy", graph)

    def cuGraphLaunch(self, executable, stream):
        return self.answer("launch", executable, stream)

    def cuGraphExecDestroy(self, executable):
        return self.answer("destroy", executable)


@pytest.fixture
def use(monkeypatch):
    def use(driver):
        monkeypatch.setattr(cuda_graph, "_driver", lambda: driver)
        return driver

    return use


def test_work_is_recorded_started_and_forgotten(use):
    driver = use(Driver())
    graph = recorded_graph(7, lambda: driver.log.append("work"))
    graph.start(8)
    graph.free()
    graph.free()
    assert driver.log == [
        ("begin", 7, 1),
        "work",
        ("end", 7),
        ("instantiate", "graph", 0),
        ("destroy", "graph"),
        ("launch", "executable", 8),
        ("destroy", "executable"),
    ]


def test_work_that_fails_ends_the_recording(use):
    driver = use(Driver(end=State.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED))

    def work():
        raise KeyError("work")

    with pytest.raises(KeyError, match="work"):
        recorded_graph(7, work)
    assert driver.log == [("begin", 7, 1), ("end", 7)]


@pytest.mark.parametrize("step", ["begin", "end", "instantiate"])
def test_errors_are_ours(use, step):
    driver = use(Driver(**{step: State.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED}))
    with pytest.raises(DeviceError, match="^CUDA graph: CUDA_ERROR_STREAM_CAPTURE_INVALIDATED$"):
        recorded_graph(7, lambda: None)
    assert (("destroy", "graph") in driver.log) == (step == "instantiate")


def test_memory_is_told_apart(use):
    use(Driver(instantiate=State.CUDA_ERROR_OUT_OF_MEMORY))
    with pytest.raises(DeviceMemoryError):
        recorded_graph(7, lambda: None)


def test_without_the_bindings_nothing_is_done(use):
    use(None)
    assert recorded_graph(7, lambda: pytest.fail("done")) is None


def test_the_real_bindings_have_what_is_called():
    driver = pytest.importorskip("cuda.bindings.driver")
    assert driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL == 1
    assert driver.CUresult.CUDA_ERROR_OUT_OF_MEMORY == 2
    for name in [name for name in vars(Driver) if name.startswith("cu")]:
        assert callable(getattr(driver, name))
