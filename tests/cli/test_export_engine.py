import io
import json

import pytest
from rich.console import Console

from colorize_batch.cli.engine_building import BuildDisplay
from colorize_batch.engine.inference.tensorrt.engine_file import read_engine_file
from colorize_batch.export.tensorrt.build_progress import BuildStep
from colorize_batch.export.tensorrt.engine_cache import cached_engine
from colorize_batch.export.tensorrt.engine_spec import EngineSpec
from tests.export.tensorrt.fake_builder import fake_flavor
from tests.export.tensorrt.tensorrt_build import needs_tensorrt_build


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COLORIZE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "engines"


@pytest.fixture
def rtx(monkeypatch):
    """TensorRT for RTX, made up."""
    return fake_flavor(monkeypatch, "tensorrt-rtx", "1.7.1.116")


@needs_tensorrt_build
def test_a_real_engine(run_export, tiny_model, tmp_path):
    words = ("--output", tmp_path / "new", "--flavor", "tensorrt-rtx", "--inspect")
    code, out, err = run_export(
        "engine", tiny_model, *words, "--target", "sm_80", "--target", "sm_89"
    )
    assert (code, err) == (0, "")
    assert "for sm_80, sm_89, tensorrt-rtx" in out
    assert "FP16: 2 of 2 layers; differs from float32 by at most 0.0" in out
    assert "the engine itself was not run: it was built without a GPU" in out
    layers = json.loads((tmp_path / "new" / "tiny.json").read_text())
    assert layers["engine"] is None
    assert any("CONVOLUTION -> DataType.HALF" in line for line in layers["network"])
    code, out, _ = run_export("inspect", tmp_path / "new" / "tiny.engine", "--json")
    entries = json.loads(out)
    assert code == 0
    assert (entries["name"], entries["working_min"]) == ("tiny", 16)
    assert entries["engine_targets"] == ["sm_80", "sm_89"]


def test_options_reach_the_engine(run_export, rtx, tiny_model, tmp_path):
    words = ("--output", tmp_path, "--name", "mine", "--batch-max", 4, "--precision", "fp32")
    code, out, _ = run_export("engine", tiny_model, *words)
    assert code == 0
    key = read_engine_file(tmp_path / "mine.engine").key
    assert (key.batch_max, key.precision, key.targets) == (4, "fp32", ())
    assert "for every GPU it takes by default" in out
    assert "FP16" not in out


def test_the_gate_refuses_in_one_line_unless_accepted(run_export, rtx, tiny_model, tmp_path):
    words = ("engine", tiny_model, "--output", tmp_path, "--mean-ciede2000", "1e-9")
    code, _, err = run_export(*words)
    assert code == 1
    assert "FP16 differs from float32 by" in err
    assert "--beyond-bounds" in err
    assert err.count("\n") == 1
    assert list(tmp_path.glob("*.engine")) == []
    assert run_export(*words, "--beyond-bounds")[0] == 0
    assert (tmp_path / "tiny.engine").exists()


def test_ctrl_c(run_export, rtx, tiny_model, tmp_path):
    def interrupt():
        raise KeyboardInterrupt

    rtx.during = interrupt
    assert run_export("engine", tiny_model, "--output", tmp_path)[0] == 130
    assert list(tmp_path.glob("*.engine")) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--target", "sm_70"), "--target sm_70: expected sm_80, sm_89, sm_121"),
        (("--device", "cuda:0,1"), "an engine is built for one GPU; name one"),
        (("--device", "gpu"), "device 'gpu': expected one of"),
        (("--flavor", "onnx"), "'onnx' is not one of 'auto', 'tensorrt'"),
        (("--batch-max", "0"), "--batch-max 0: expected 1..256"),
        (("--max-ab", "0"), "expected bounds above 0"),
        (("--photos", "nowhere"), "nowhere: expected a folder with pictures"),
    ],
)
def test_what_cannot_be_meant(run_export, rtx, tiny_model, tmp_path, words, message):
    code, _, err = run_export("engine", tiny_model, "--output", tmp_path, *words)
    assert code == 1
    assert message in err
    assert err.count("\n") == 1


def test_a_checkpoint_needs_what_the_contract_states(run_export, rtx, tmp_path):
    pytest.importorskip("torch")
    code, _, err = run_export("engine", tmp_path / "a.ckpt", "--output", tmp_path)
    assert code == 1
    assert "license is empty; a model file must state it" in err


def test_parity(run_export, tiny_model, write_pictures, tmp_path):
    write_pictures(tmp_path / "photos", 3)
    code, out, err = run_export("parity", tiny_model, tmp_path / "photos")
    assert (code, err) == (0, "")
    assert out.startswith("3 pictures; differences from ONNX Runtime, float32, at most:")
    assert "FP16 as it rounds, 2 of 2 layers:" in out
    code, out, _ = run_export(
        "parity", tiny_model, tmp_path / "photos", "--mean-ciede2000", "1e-9", "--json"
    )
    report = json.loads(out)
    assert (code, report["within"], report["pictures"]) == (1, False, 3)
    assert [row["path"] for row in report["paths"]] == [
        "FP16 as it rounds, 2 of 2 layers",
        "FP16, ONNX Runtime",
    ]


def test_parity_states_what_is_wrong(run_export, tmp_path):
    code, _, err = run_export("parity", tmp_path / "none.onnx")
    assert code == 1
    assert "none.onnx: no such model file" in err


def test_cache(run_export, rtx, tiny_model, cache):
    assert run_export("cache", "list")[1] == f"{cache}: 0 engines\n"
    path = cached_engine(tiny_model, EngineSpec(targets=("sm_80",)))
    (cache / "old.engine").write_bytes(b"damaged")
    _, out, _ = run_export("cache", "list")
    assert f"{cache}: 2 engines" in out
    assert f"{path.name}  fp16, batch 32, tensorrt-rtx 1.7.1.116, sm_80" in out
    assert "old.engine  damaged or of another version; it will be rebuilt" in out
    rows = json.loads(run_export("cache", "list", "--json")[1])
    assert [row["key"] and row["key"]["targets"] for row in rows] == [None, ["sm_80"]]
    assert run_export("cache", "clear")[1].startswith("removed 2 engines, 0.0 MB")
    assert run_export("cache", "list")[1] == f"{cache}: 0 engines\n"


def test_progress_on_a_terminal(monkeypatch):
    drawn = io.StringIO()
    terminal = Console(file=drawn, force_terminal=True, width=80)
    monkeypatch.setattr("colorize_batch.cli.engine_building.console", terminal)
    with BuildDisplay("once") as display:
        display.show(BuildStep(phase="Building engine", share=0.5))
        display._bar.refresh()
    assert "once" in drawn.getvalue()
    assert "Building engine" in drawn.getvalue()


def test_progress_elsewhere_is_a_line_now_and_then(monkeypatch, capsys):
    monkeypatch.setattr("colorize_batch.cli.engine_building.LINE_EVERY_S", -1.0)
    with BuildDisplay() as display:
        display.show(BuildStep(phase="Building engine", share=0.25))
    assert "Building engine: 25%, 0 s" in capsys.readouterr().err
