import _thread
import threading

import pytest

from colorize_batch.engine.inference.tensorrt.engine_file import EngineKey
from colorize_batch.errors import BackendError, ModelError
from colorize_batch.export.tensorrt.build_progress import BuildStep
from colorize_batch.export.tensorrt.plan_from_onnx import plan_from_onnx
from colorize_batch.export.tensorrt.tensorrt_flavor import TensorRtFlavor
from tests.export.tensorrt.fake_builder import VERSIONS, fake_flavor

ALL = [(name, version) for name, versions in VERSIONS.items() for version in versions]


def key_of(flavor, **change):
    return EngineKey(
        **{
            "onnx_sha256": "ab" * 32,
            "precision": "fp16",
            "batch_max": 8,
            "working_min": (16, 32),
            "working_opt": (64, 48),
            "working_max": (256, 128),
            "flavor": flavor.name,
            "flavor_version": flavor.version,
            "device_name": None,
            "compute_capability": None,
            "targets": ("sm_80",) if flavor.takes_targets else (),
        }
        | change
    )


@pytest.fixture
def build(monkeypatch):
    return fake_flavor(monkeypatch, "tensorrt", VERSIONS["tensorrt"][0])


@pytest.mark.parametrize("named", ALL)
def test_builds_with_every_flavor(monkeypatch, named):
    build = fake_flavor(monkeypatch, *named)
    flavor = TensorRtFlavor()
    steps = []
    plan = plan_from_onnx(
        b"a graph", key_of(flavor), flavor, timing_cache=b"kept", on_step=steps.append
    )
    assert plan.plan == b"the plan"
    assert build.onnx_bytes == b"a graph"
    assert build.profile == ("l_plane", (1, 1, 16, 32), (8, 1, 64, 48), (8, 1, 256, 128))
    assert plan.network == ("conv: CONVOLUTION -> HALF",)
    assert [step.share for step in steps] == pytest.approx([1 / 3, 2 / 3, 1])
    assert steps[0].phase == "Building engine"
    if flavor.has_timing_cache:
        assert (build.timing_cache, plan.timing_cache) == (b"kept", b"measured")
    else:
        assert plan.timing_cache == b""


def test_with_the_gpu_current_where_it_builds(build):
    current = []

    class Gpu:
        def __enter__(self):
            current.append(threading.current_thread())

        def __exit__(self, *error):
            current.append(None)

    build.during = lambda: current.append(threading.current_thread())
    flavor = TensorRtFlavor()
    plan_from_onnx(b"", key_of(flavor), flavor, gpu=Gpu)
    assert current == [current[0]] * 4 + [None]
    assert current[0] is not threading.main_thread()


def test_ctrl_c_stops_at_the_next_step(build):
    build.steps = 1000
    taken = []

    def during():
        taken.append(1)
        if len(taken) == 3:
            _thread.interrupt_main()
        threading.Event().wait(0.02)

    build.during = during
    flavor = TensorRtFlavor()
    with pytest.raises(KeyboardInterrupt):
        plan_from_onnx(b"", key_of(flavor), flavor)
    assert 3 <= len(taken) < 100
    count = len(taken)
    threading.Event().wait(0.1)
    assert len(taken) == count  # it was over before the interrupt came out


def test_an_error_in_the_display_comes_out(build):
    def fail(step: BuildStep):
        raise OSError("the terminal is gone")

    flavor = TensorRtFlavor()
    with pytest.raises(OSError, match="the terminal is gone"):
        plan_from_onnx(b"", key_of(flavor), flavor, on_step=fail)


def test_an_error_while_building_comes_out(build):
    def fail():
        raise BackendError("the GPU is gone")

    build.during = fail
    flavor = TensorRtFlavor()
    with pytest.raises(BackendError, match="the GPU is gone"):
        plan_from_onnx(b"", key_of(flavor), flavor)


def test_refusals_in_one_line(build):
    flavor = TensorRtFlavor()
    build.plan = None
    with pytest.raises(BackendError, match=r"^tensorrt: the build failed: no kernel was found$"):
        plan_from_onnx(b"", key_of(flavor), flavor)
    build.profile_error = "the batch is fixed"
    with pytest.raises(ModelError, match="does not take the shapes of .*the batch is fixed"):
        plan_from_onnx(b"", key_of(flavor), flavor)
    build.parse_error = "no antialias"
    with pytest.raises(
        ModelError, match="tensorrt does not take the graph: Resize node_7: no anti"
    ):
        plan_from_onnx(b"", key_of(flavor), flavor)
    build.parse_error = ""
    with pytest.raises(
        ModelError, match="it gave no reason; run the .onnx model with ONNX Runtime"
    ):
        plan_from_onnx(b"", key_of(flavor), flavor)
