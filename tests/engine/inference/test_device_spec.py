import pytest

from colorize_batch.engine.inference.device_spec import DeviceSpec, device_specs
from colorize_batch.errors import UsageError


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        ("auto", [("auto", 0)]),
        ("cpu", [("cpu", 0)]),
        ("cuda", [("cuda", 0)]),
        ("webgpu", [("webgpu", 0)]),
        ("cuda:0", [("cuda", 0)]),
        ("cuda:12", [("cuda", 12)]),
        ("cuda:2,0,1", [("cuda", 2), ("cuda", 0), ("cuda", 1)]),
    ],
)
def test_forms(device, expected):
    assert device_specs(device) == tuple(DeviceSpec(kind=kind, ordinal=n) for kind, n in expected)


@pytest.mark.parametrize(
    "device", ["", "tpu", "cuda:", "cuda:-1", "cuda:0,", "cuda:x", "cpu:0", "cuda:٣", "CUDA"]
)
def test_anything_else(device):
    with pytest.raises(
        UsageError, match="expected one of auto, cpu, cuda, .*webgpu, cuda:N or cuda:N,M"
    ):
        device_specs(device)


def test_a_gpu_twice():
    with pytest.raises(UsageError, match="names a GPU twice"):
        device_specs("cuda:0,1,0")
