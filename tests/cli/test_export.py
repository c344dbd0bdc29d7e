import json

import pytest


def test_inspect_shows_the_contract(run_export, tiny_model):
    code, out, err = run_export("inspect", tiny_model)
    assert (code, err) == (0, "")
    assert "name:             tiny" in out
    assert "working_area:     4096" in out
    assert "working_height" not in out  # unset


def test_inspect_json(run_export, tiny_model):
    _, out, _ = run_export("inspect", tiny_model, "--json")
    entries = json.loads(out)
    assert entries["name"] == "tiny"
    assert entries["bytes"] == tiny_model.stat().st_size


def test_inspect_what_is_no_model(run_export, tmp_path):
    (tmp_path / "text.onnx").write_text("no model")
    code, _, err = run_export("inspect", tmp_path / "text.onnx")
    assert code == 1
    assert err.startswith("colorize-export: error:")
    assert err.count("\n") == 1


def test_export_states_what_is_wrong_in_one_line(run_export, tmp_path):
    pytest.importorskip("torch")
    said = ("--license", "CC0-1.0", "--training-data", "none")
    code, _, err = run_export("onnx", tmp_path / "none.ckpt", tmp_path / "out.onnx", *said)
    assert code == 1
    assert "none.ckpt: cannot read the checkpoint" in err
    code, _, err = run_export("onnx", tmp_path / "none.ckpt", tmp_path / "out.onnx")
    assert code == 1
    assert "--license" in err


def test_ensemble_and_compress(run_export, tiny_model, tmp_path):
    pytest.importorskip("onnx_ir")
    both = tmp_path / "both.onnx"
    code, out, err = run_export("ensemble", tiny_model, tiny_model, "--out", both)
    assert (code, err) == (0, "")
    assert out == f"{tiny_model} + {tiny_model} -> {both}\n"
    code, out, err = run_export("compress", both, both)
    assert (code, err) == (0, "")
    assert out.startswith(f"{both} -> {both}; ")
    _, out, _ = run_export("inspect", both, "--json")
    assert json.loads(out)["name"] == "both"


def test_smooth(run_export, tiny_model, tmp_path):
    pytest.importorskip("onnx_ir")
    output = tmp_path / "smooth.onnx"
    assert run_export("smooth", tiny_model, output) == (
        0,
        f"{tiny_model} -> {output}; smoothed with radius 4\n",
        "",
    )
    code, out, _ = run_export("smooth", output, output, "--radius", "0")
    assert (code, out) == (0, f"{output} -> {output}; without smoothing\n")
    code, _, err = run_export("smooth", tiny_model, output, "--radius", "99")
    assert code == 1
    assert "radius 99: expected 1 to 64" in err


def test_an_ensemble_of_one_is_refused(run_export, tiny_model, tmp_path):
    pytest.importorskip("onnx_ir")
    code, _, err = run_export("ensemble", tiny_model, "--out", tmp_path / "out.onnx")
    assert code == 1
    assert err.startswith("colorize-export: error: export: an ensemble needs two models or more")
    assert err.count("\n") == 1
