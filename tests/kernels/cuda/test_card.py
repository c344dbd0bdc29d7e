"""What a card asks of the driver, and how it ends, on a driver that only remembers."""

# ruff: noqa: N802, N815  the driver's own names

from __future__ import annotations

import ctypes
import enum
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from colorize_batch.errors import BackendError
from colorize_batch.kernels.cuda import card as card_module
from colorize_batch.kernels.cuda.card import Card
from colorize_batch.kernels.cuda.launches import Launch
from colorize_batch.kernels.cuda.module import ModuleImage

IMAGE = b"an image of kernels"


class Result(enum.IntEnum):
    CUDA_SUCCESS = 0
    CUDA_ERROR_OUT_OF_MEMORY = 2
    CUDA_ERROR_NO_DEVICE = 100


class Driver:
    """Device memory is memory of this process; a launch is noted."""

    CUresult = Result
    CUdevice_attribute = SimpleNamespace(
        CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR=75,
        CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR=76,
    )

    def __init__(self, *, state: Result = Result.CUDA_SUCCESS, major: int = 9) -> None:
        self.state = state
        self.major = major
        self.buffers: dict[int, Any] = {}
        self.contexts = 0
        self.launched: list[tuple[Any, ...]] = []

    def cuInit(self, flags: int) -> tuple[Any, ...]:
        return (self.state,)

    def cuDeviceGet(self, ordinal: int) -> tuple[Any, ...]:
        return Result.CUDA_SUCCESS, 40 + ordinal

    def cuDevicePrimaryCtxRetain(self, device: int) -> tuple[Any, ...]:
        self.contexts += 1
        return Result.CUDA_SUCCESS, "context"

    def cuDevicePrimaryCtxRelease(self, device: int) -> tuple[Any, ...]:
        self.contexts -= 1
        return (Result.CUDA_SUCCESS,)

    def cuCtxSetCurrent(self, context: str) -> tuple[Any, ...]:
        return (Result.CUDA_SUCCESS,)

    def cuDeviceGetName(self, size: int, device: int) -> tuple[Any, ...]:
        return Result.CUDA_SUCCESS, b"A card".ljust(size, b"\0")

    def cuDeviceGetAttribute(self, attribute: int, device: int) -> tuple[Any, ...]:
        return Result.CUDA_SUCCESS, {75: self.major, 76: 0}[attribute]

    def cuModuleLoadData(self, image: int) -> tuple[Any, ...]:
        return Result.CUDA_SUCCESS, ctypes.string_at(image, len(IMAGE))

    def cuModuleGetFunction(self, module: bytes, name: bytes) -> tuple[Any, ...]:
        assert module == IMAGE
        return Result.CUDA_SUCCESS, name

    def cuMemAlloc(self, size: int) -> tuple[Any, ...]:
        if size > 1_000_000:
            return Result.CUDA_ERROR_OUT_OF_MEMORY, None
        buffer = ctypes.create_string_buffer(size)
        self.buffers[ctypes.addressof(buffer)] = buffer
        return Result.CUDA_SUCCESS, ctypes.addressof(buffer)

    def cuMemFree(self, address: int) -> tuple[Any, ...]:
        del self.buffers[address]
        return (Result.CUDA_SUCCESS,)

    def cuMemcpyHtoD(self, target: int, source: int, size: int) -> tuple[Any, ...]:
        ctypes.memmove(target, source, size)
        return (Result.CUDA_SUCCESS,)

    cuMemcpyDtoH = cuMemcpyHtoD

    def cuMemcpyDtoDAsync(self, target: int, source: int, size: int, stream: int) -> Any:
        return self.cuMemcpyHtoD(target, source, size)

    def cuLaunchKernel(self, function: bytes, *how: int) -> tuple[Any, ...]:
        *geometry, shared_bytes, stream, arguments, extra = how
        assert (shared_bytes, stream, extra) == (0, 0, 0)
        addresses = (ctypes.c_void_p * 3).from_address(arguments)
        pointer = ctypes.c_uint64.from_address(addresses[0] or 0).value
        count = ctypes.c_int32.from_address(addresses[1] or 0).value
        factor = ctypes.c_float.from_address(addresses[2] or 0).value
        self.launched.append((function, tuple(geometry), pointer, count, factor))
        return (Result.CUDA_SUCCESS,)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    driver = Driver()
    use(driver, monkeypatch)
    return driver


def use(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_module, "import_module", lambda name: driver)
    if driver.major >= 7:
        image = ModuleImage(image=IMAGE, origin="fatbin")
        monkeypatch.setattr(card_module, "module_image", lambda capability: image)


def test_arrays_go_there_and_back(driver: Driver) -> None:
    with Card() as card:
        assert (card.name, card.compute_capability, card.origin) == ("A card", (9, 0), "fatbin")
        strided = np.arange(20, dtype=np.float32)[::2]
        first, second = card.put(strided), card.put(np.zeros(10, np.float32))
        card.copy(first, second, 40)
        assert (card.get(second, 10, np.float32) == strided).all()


def test_a_launch_reaches_the_driver_with_its_arguments(driver: Driver) -> None:
    with Card() as card:
        address = card.put(np.zeros(4, np.int32))
        arguments = (address, np.int32(-5), np.float32(1.5))
        card.run(Launch(kernel="merge", grid=(2, 3, 1), block=(128, 1, 1), arguments=arguments))
    assert driver.launched == [(b"merge", (2, 3, 1, 128, 1, 1), address, -5, 1.5)]


def test_closing_frees_everything_once(driver: Driver) -> None:
    card = Card()
    card.put(np.zeros(3))
    assert (len(driver.buffers), driver.contexts) == (1, 1)
    card.close()
    card.close()
    assert (len(driver.buffers), driver.contexts) == (0, 0)
    with pytest.raises(BackendError, match="closed"):
        card.put(np.zeros(3))


def test_a_failing_call_is_named(driver: Driver) -> None:
    with Card() as card, pytest.raises(BackendError, match=r"cuMemAlloc .* got CUDA_ERROR_OUT_OF"):
        card.put(np.zeros(2_000_000))


def test_no_device_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    use(Driver(state=Result.CUDA_ERROR_NO_DEVICE), monkeypatch)
    with pytest.raises(BackendError, match="a GPU .* got CUDA_ERROR_NO_DEVICE"):
        Card()


def test_a_refused_card_lets_its_context_go(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(major=6)
    use(driver, monkeypatch)
    with pytest.raises(BackendError, match="or newer, got 6.0"):
        Card()
    assert driver.contexts == 0
