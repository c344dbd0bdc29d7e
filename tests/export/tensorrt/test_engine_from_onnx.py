import dataclasses
import threading

import onnx
import pytest
import torch

from colorize_batch.engine.inference.contract import ModelContract
from colorize_batch.engine.inference.model_files import model_file
from colorize_batch.engine.inference.tensorrt.engine_file import read_engine_file
from colorize_batch.errors import BackendError, ContractError, ModelError, UsageError
from colorize_batch.export.graph.read_model import read_model
from colorize_batch.export.onnx_from_checkpoint import ExportOptions, _contract
from colorize_batch.export.parity.color_difference import ParityBounds
from colorize_batch.export.parity.onnx_on_cpu import ab_on_cpu
from colorize_batch.export.tensorrt import engine_from_onnx as module
from colorize_batch.export.tensorrt import engine_request
from colorize_batch.export.tensorrt.engine_from_onnx import engine_from_onnx
from colorize_batch.export.tensorrt.engine_request import EngineRequest
from colorize_batch.export.tensorrt.engine_spec import EngineSpec
from colorize_batch.export.tensorrt.mixed_precision import mixed_precision
from colorize_batch.export.tensorrt.plan_from_onnx import plan_from_onnx
from colorize_batch.export.tensorrt.tensorrt_flavor import TensorRtFlavor
from colorize_batch.export.traced_graph import traced_graph
from colorize_batch.training.models import FAMILIES, build_model
from colorize_batch.training.models.fusion import FusionInception
from tests.conftest import TINY_CONTRACT, write_tiny_model
from tests.export.graph.graphs import overflowing_model
from tests.export.tensorrt.fake_builder import fake_flavor
from tests.export.tensorrt.tensorrt_build import TARGETS, needs_tensorrt_build
from tests.training.models.test_families import SMALL
from tests.training.short_classifiers import shorten_efficientnets, shorten_inception

RTX = EngineSpec(flavor="tensorrt-rtx", targets=TARGETS)


def built(model, path, spec=RTX, **keywords):
    return engine_from_onnx(EngineRequest.of(model, spec), path, **keywords)


@needs_tensorrt_build
def test_the_shipped_model(tmp_path):
    steps = []
    report = built(model_file("lite"), tmp_path / "lite.engine", on_progress=steps.append)
    file = read_engine_file(tmp_path / "lite.engine")
    assert file.key == report.key
    assert file.key.targets == TARGETS
    assert (file.key.working_min, file.key.working_max) == ((64, 64), (1152, 1152))
    assert file.contract == read_model(model_file("lite"))[1]
    assert len(file.plan) == report.plan_bytes > 1_000_000
    assert report.kept == file.float32_layers == ()
    assert file.parity == f"FP16 on the CPU: {report.rounded}"
    assert 0.001 < report.rounded.mean_ab < 0.1  # FP16 was measured, not float32
    assert ParityBounds().allow(report.rounded)
    assert (report.on_gpu, report.layers_json) == (None, "")
    assert sum(line.endswith("DataType.HALF") for line in report.network) > 100
    assert {step.phase for step in steps} >= {"Choosing FP16 layers, trial 1", "Building engine"}


@needs_tensorrt_build
@pytest.mark.parametrize("family", [family for family in FAMILIES if family != "lite"])
def test_every_family(family, tmp_path, monkeypatch, write_pictures):
    torch.manual_seed(0)
    shorten_efficientnets(monkeypatch)
    network = build_model(family, options=SMALL.get(family, {})).eval()
    if isinstance(network, FusionInception):
        shorten_inception(network.classifier)
    options = ExportOptions(name=family, license="CC0-1.0", training_data="none")
    model = traced_graph(network, multiple=network.working_multiple)
    contract = _contract(network, "0" * 64, options)
    onnx.helper.set_model_props(model, contract.to_metadata())
    onnx.save(model, tmp_path / "model.onnx")
    write_pictures(tmp_path / "photos", 1)
    spec = dataclasses.replace(RTX, photos=tmp_path / "photos")
    report = built(tmp_path / "model.onnx", tmp_path / "a.engine", spec)
    assert report.nodes > 10
    assert report.kept == ()
    assert read_engine_file(tmp_path / "a.engine").contract == contract


@needs_tensorrt_build
def test_a_quantised_model_is_refused_at_once():
    with pytest.raises(ModelError, match="quantised to 8 bit, which is for CPUs"):
        EngineRequest.of(model_file("lite-int8"), RTX)


@needs_tensorrt_build
def test_same_engine_again(tiny_model, tmp_path):
    # TensorRT's own plan differs now and then in a few bytes; what the cache goes by does not.
    one, other = (built(tiny_model, tmp_path / name) for name in ("one", "other"))
    assert one.key.digest() == other.key.digest()
    assert one.plan_bytes == other.plan_bytes
    assert one.network == other.network


@needs_tensorrt_build
@pytest.mark.parametrize(("precision", "share"), [("fp16", 0.5), ("fp32", 1.0)])
def test_layers_that_overflow_stay_float32(tmp_path, precision, share):
    onnx.save(overflowing_model(), tmp_path / "model.onnx")
    spec = dataclasses.replace(RTX, precision=precision)
    report = built(tmp_path / "model.onnx", tmp_path / "a.engine", spec)
    assert report.key.precision == precision
    assert report.kept == (("large_2", "small") if precision == "fp16" else ())
    in_fp16 = [line for line in report.network if line.endswith("DataType.HALF")]
    assert bool(in_fp16) == (precision == "fp16")
    multiplied = [line for line in report.network if "ELEMENTWISE" in line]
    assert sum(line.endswith("DataType.FLOAT") for line in multiplied) >= 2


@needs_tensorrt_build
def test_a_fixed_shape(tmp_path):
    contract = ModelContract(
        **{
            **dataclasses.asdict(TINY_CONTRACT),
            "working_area": 0,
            "working_height": 64,
            "working_width": 48,
        }
    )
    report = built(write_tiny_model(tmp_path / "model.onnx", contract), tmp_path / "a.engine")
    assert report.key.working_min == report.key.working_opt == report.key.working_max == (64, 48)


@needs_tensorrt_build
def test_an_engine_is_not_loaded_without_a_gpu(tiny_model, tmp_path):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    built(tiny_model, tmp_path / "a.engine")
    plan = read_engine_file(tmp_path / "a.engine").plan
    with pytest.raises(BackendError, match="tensorrt-rtx does not load the engine here: .*inspect"):
        TensorRtFlavor("tensorrt-rtx").layers_json(plan)


@needs_tensorrt_build
def test_a_real_build_is_cancelled(tmp_path):
    request = EngineRequest.of(model_file("lite"), RTX)
    main = threading.main_thread()
    seen = []

    def interrupt(step):
        seen.append(step)
        if len(seen) == 1:
            import _thread

            assert threading.current_thread() is not main
            _thread.interrupt_main()

    with pytest.raises(KeyboardInterrupt):
        plan_from_onnx(
            request.model.SerializeToString(), request.key, request.flavor, on_step=interrupt
        )
    assert seen[-1].share < 1


@needs_tensorrt_build
def test_what_tensorrt_does_not_take(tmp_path):
    model = onnx.load(model_file("lite"))
    model.graph.node[-1].op_type = "NoSuchOperator"
    request = EngineRequest.of(model_file("lite"), RTX)
    with pytest.raises(ModelError, match="does not take the graph: NoSuchOperator .*ONNX Runtime"):
        plan_from_onnx(model.SerializeToString(), request.key, request.flavor)


# Below, TensorRT 10 is made up.


@pytest.fixture
def build(monkeypatch):
    return fake_flavor(monkeypatch, "tensorrt", "10.16.1.11")


class FakeGpu:
    name = "NVIDIA H200"
    compute_capability = (9, 0)
    driver_version = 13000

    def __init__(self, ordinal):
        assert ordinal == 1

    def current(self):
        return threading.Lock()  # any context manager

    def close(self):
        pass


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.setattr(module, "open_device", FakeGpu)
    monkeypatch.setattr(engine_request, "open_device", FakeGpu)


def test_refused_beyond_the_bounds(build, tiny_model, tmp_path, gpu):
    mean = ParityBounds(mean_ciede2000=1e-6)
    spec = EngineSpec(gpu=1, bounds=mean)
    with pytest.raises(
        ModelError, match=r"FP16 differs from float32 by .* ab .*, expected at most 1 ab .*--beyond"
    ):
        built(tiny_model, tmp_path / "a.engine", spec)
    assert list(tmp_path.iterdir()) == []


def run_as(monkeypatch, model, error):
    def ab_of_engine(path, l_batches, ordinal):
        assert ordinal == 1
        assert read_engine_file(path).plan == b"the plan"
        return [ab + error for ab in ab_on_cpu(model.read_bytes(), l_batches)]

    monkeypatch.setattr(module, "ab_of_engine", ab_of_engine)


def test_the_engine_is_checked_on_its_gpu(build, tiny_model, tmp_path, gpu, monkeypatch):
    build.loads = True
    run_as(monkeypatch, tiny_model, 0.03)
    cache = tmp_path / "timing"
    report = built(tiny_model, tmp_path / "a.engine", EngineSpec(gpu=1), timing_cache_path=cache)
    assert report.on_gpu.mean_ab == pytest.approx(0.03, rel=0.01)
    assert (report.key.device_name, report.key.compute_capability) == ("NVIDIA H200", (9, 0))
    assert report.layers_json == '["json"]'
    assert build.timing_cache == b""
    assert cache.read_bytes() == b"measured"
    built(tiny_model, tmp_path / "a.engine", EngineSpec(gpu=1), timing_cache_path=cache)
    assert build.timing_cache == b"measured"


def test_an_engine_that_errs_is_refused_unless_accepted(
    build, tiny_model, tmp_path, gpu, monkeypatch
):
    build.loads = True
    run_as(monkeypatch, tiny_model, 3.0)
    spec = EngineSpec(gpu=1)
    with pytest.raises(ModelError, match="the engine differs from float32 by 3 ab"):
        built(tiny_model, tmp_path / "a.engine", spec)
    assert not (tmp_path / "a.engine").exists()
    accepted = dataclasses.replace(spec, beyond_bounds=True)
    report = built(tiny_model, tmp_path / "a.engine", accepted)
    assert report.on_gpu.max_ab == pytest.approx(3, rel=0.01)
    assert (tmp_path / "a.engine").exists()


def test_needs_to_know_the_gpu(build, tiny_model):
    with pytest.raises(UsageError, match="tensorrt builds on the GPU that it builds for: name it"):
        EngineRequest.of(tiny_model, EngineSpec())


def test_what_is_no_model(tmp_path):
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(ModelError, match="text.onnx: "):
        read_model(tmp_path / "text.onnx")
    with pytest.raises(ModelError, match="cannot read it: No such file"):
        read_model(tmp_path / "none.onnx")
    model = overflowing_model()
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "bare.onnx")
    with pytest.raises(ContractError, match="no colorize-batch contract"):
        read_model(tmp_path / "bare.onnx")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"precision": "int8"}, "--precision int8: expected fp16 or fp32"),
        ({"batch_max": 0}, "--batch-max 0: expected 1..256"),
        ({"batch_max": 257}, "--batch-max 257"),
        ({"gpu": 0, "targets": ("sm_80",)}, "leave out either it or the device"),
    ],
)
def test_senseless_specs(change, message):
    with pytest.raises(UsageError, match=message):
        EngineSpec(**change)


def test_mixed_precision_is_what_is_built(build, tiny_model, tmp_path, gpu, monkeypatch):
    """The graph that TensorRT gets is the one that the gate looked at."""
    build.loads = True
    run_as(monkeypatch, tiny_model, 0.0)
    built(tiny_model, tmp_path / "a.engine", EngineSpec(gpu=1))
    model, contract, _ = read_model(tiny_model)
    pictures = module.parity_pictures(contract)
    expected = mixed_precision(model, pictures, ParityBounds()).model
    assert build.onnx_bytes == expected.SerializeToString()
