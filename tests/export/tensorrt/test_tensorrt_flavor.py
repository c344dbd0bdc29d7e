import pytest

from colorize_batch.errors import BackendError, MissingDependencyError, UsageError
from colorize_batch.export.tensorrt import tensorrt_flavor as module
from colorize_batch.export.tensorrt.build_progress import BuildProgress
from colorize_batch.export.tensorrt.tensorrt_flavor import TensorRtFlavor
from tests.export.tensorrt.fake_builder import VERSIONS, fake_flavor

ALL = [(name, version) for name, versions in VERSIONS.items() for version in versions]
TENSORRT = [(name, version) for name, version in ALL if name == "tensorrt"]
RTX = ("tensorrt-rtx", "1.7.1.116")


@pytest.mark.parametrize("named", ALL)
def test_what_is_installed_is_found(monkeypatch, named):
    fake_flavor(monkeypatch, *named)
    flavor = TensorRtFlavor()
    assert (flavor.name, flavor.version) == named
    assert TensorRtFlavor(named[0]).version == named[1]


@pytest.mark.parametrize("named", ALL)
def test_networks_are_strongly_typed_and_nothing_else(monkeypatch, named):
    build = fake_flavor(monkeypatch, *named)
    flavor = TensorRtFlavor()
    flavor.network(flavor.builder())
    assert build.network_flags == 1 << 1


def test_a_flavor_that_knows_no_flag(monkeypatch):
    """As later ones may: all networks are strongly typed there."""
    build = fake_flavor(monkeypatch, *RTX)
    flavor = TensorRtFlavor()
    monkeypatch.setattr(flavor._trt, "NetworkDefinitionCreationFlag", type("Flags", (), {}))
    flavor.network(flavor.builder())
    assert build.network_flags == 0


@pytest.mark.parametrize("named", TENSORRT)
def test_tensorrt_builds_for_the_gpu_at_hand(monkeypatch, named):
    fake_flavor(monkeypatch, *named)
    flavor = TensorRtFlavor()
    assert not flavor.takes_targets
    assert flavor.has_timing_cache
    assert flavor.targets() == flavor.target_of((8, 9)) == ()
    flavor.check_targets(())
    with pytest.raises(UsageError, match="--target: tensorrt builds for the GPU at hand"):
        flavor.check_targets(["sm_80"])


def test_rtx_builds_for_targets(monkeypatch):
    build = fake_flavor(monkeypatch, *RTX)
    flavor = TensorRtFlavor()
    assert flavor.takes_targets
    assert not flavor.has_timing_cache
    assert flavor.targets() == ("sm_80", "sm_89", "sm_121")
    assert flavor.target_of((8, 9)) == ("sm_89",)
    assert flavor.target_of((9, 0)) == ()  # has no name there: all that it builds for by default
    config = flavor.config(flavor.builder(), ("sm_89", "sm_80"), BuildProgress(lambda _: None))
    assert config.num_compute_capabilities == 2
    assert [target.name for target in build.targets] == ["SM89", "SM80"]
    with pytest.raises(UsageError, match="--target sm_99: expected sm_80, sm_89, sm_121"):
        flavor.check_targets(["sm_80", "sm_99"])
    with pytest.raises(UsageError, match="named twice"):
        flavor.check_targets(["sm_80", "sm_80"])


def test_rtx_refuses_a_target(monkeypatch):
    fake_flavor(monkeypatch, *RTX)
    flavor = TensorRtFlavor()
    with pytest.raises(BackendError, match="no target sm_121: it gave no reason"):
        flavor.config(flavor.builder(), ("sm_121",), BuildProgress(lambda _: None))


@pytest.mark.parametrize("named", TENSORRT)
def test_timing_cache(monkeypatch, named):
    build = fake_flavor(monkeypatch, *named)
    build.refused_timing_cache = b"of another GPU"
    flavor = TensorRtFlavor()
    for given, used in ((b"", b""), (b"kept", b"kept"), (b"of another GPU", b"")):
        config = flavor.config(flavor.builder(), (), BuildProgress(lambda _: None))
        flavor.use_timing_cache(config, given)
        assert build.timing_cache == used
        assert flavor.timing_cache(config) == b"measured"


def test_rtx_has_no_timing_cache(monkeypatch):
    fake_flavor(monkeypatch, *RTX)  # its config has no such calls
    flavor = TensorRtFlavor()
    config = flavor.config(flavor.builder(), (), BuildProgress(lambda _: None))
    flavor.use_timing_cache(config, b"anything")
    assert flavor.timing_cache(config) == b""


@pytest.mark.parametrize("named", ALL)
def test_inspector(monkeypatch, named):
    build = fake_flavor(monkeypatch, *named)
    flavor = TensorRtFlavor()
    with pytest.raises(BackendError, match="does not load the engine here: the driver is too old"):
        flavor.layers_json(b"the plan")
    build.loads = True
    assert flavor.layers_json(b"the plan") == '["json"]'


def test_none_is_installed(monkeypatch):
    monkeypatch.setattr(module, "installed_flavors", lambda: ())
    with pytest.raises(
        MissingDependencyError, match=r"needs tensorrt or tensorrt-rtx; pip install"
    ):
        TensorRtFlavor()


def test_no_such_flavor():
    with pytest.raises(UsageError, match="--flavor onnx: expected auto, tensorrt or tensorrt-rtx"):
        TensorRtFlavor("onnx")
