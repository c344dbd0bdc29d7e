"""`gpu-check` without a GPU: what it says then, and that no part can spoil the others."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from colorize_batch.errors import BackendError, MissingDependencyError
from colorize_batch.kernels.cuda.card import Card

ROOT = Path(__file__).parents[3]
MACHINE = {"gpu": "A card", "compute_capability": "9.0", "cores": "8", "date": "2026-01-01T00:00"}


@pytest.fixture
def gpu_check(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks" / "gpu")
    return importlib.import_module("check")


def ended(call):
    with pytest.raises(SystemExit) as caught:
        call()
    return caught.value.code


def test_no_device_is_said_plainly(tmp_path):
    try:
        Card().close()
    except (BackendError, MissingDependencyError):
        pass
    else:
        pytest.skip("there is a GPU here")
    done = subprocess.run(
        [ROOT / "scripts/gpu-check", tmp_path / "out"],
        env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.startswith("gpu-check: no CUDA device: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def python(code):
    return (sys.executable, "-c", code)


def test_each_part_fails_alone(gpu_check, tmp_path, monkeypatch, capsys):
    results = tmp_path / "out" / "good.json"

    def parts_for(out_dir, ordinal, count):
        part = gpu_check.Part
        write = f"open({str(results)!r}, 'w').write('[1, 2]'); print('done')"
        yield part(name="good", title="", command=python(write), json_file=results)
        yield part(name="bad", title="", command=python("print('ab'); 1 / 0"))
        yield part(name="mute", title="", command=python("pass"), json_file=tmp_path / "no.json")
        yield part(
            name="late", title="", command=python("import time; time.sleep(60)"), limit_s=0.5
        )
        yield part(name="hidden", title="", command=python("import sys; sys.exit(3)"))
        yield part(name="poor", title="", command=python("1"), needs=("no_such_module",))
        yield part(name="lost", title="", command=("/no/such/program",))

    monkeypatch.setattr(gpu_check, "parts_for", parts_for)
    monkeypatch.setattr(gpu_check, "described", lambda ordinal: MACHINE)
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr(sys, "argv", ["gpu-check", str(tmp_path / "out")])
    assert ended(gpu_check.main) == 1
    report = json.loads((tmp_path / "out" / "gpu-check.json").read_text())
    assert report["gpu"] == "A card"
    outcomes = {part["name"]: part["outcome"] for part in report["parts"]}
    assert outcomes == {
        "good": "passed",
        "bad": "failed",
        "mute": "failed",
        "late": "failed",
        "hidden": "not there",
        "poor": "not there",
        "lost": "failed",
    }
    said = {part["name"]: part["said"] for part in report["parts"]}
    assert said["bad"] == "ZeroDivisionError: division by zero"
    assert said["poor"] == "needs no_such_module"
    assert report["parts"][0]["results"] == [1, 2]
    assert (tmp_path / "out" / "bad.txt").read_text().startswith("ab\nTraceback")


def test_what_is_not_there_is_no_failure(gpu_check, tmp_path, monkeypatch):
    part = gpu_check.Part(name="hidden", title="", command=python("import sys; sys.exit(3)"))
    monkeypatch.setattr(gpu_check, "parts_for", lambda *_: [part])
    monkeypatch.setattr(gpu_check, "described", lambda ordinal: MACHINE)
    monkeypatch.setattr(sys, "argv", ["gpu-check", str(tmp_path), "--only", "hidden"])
    assert ended(gpu_check.main) == 0
    monkeypatch.setattr(sys, "argv", ["gpu-check", str(tmp_path), "--only", "seen"])
    assert ended(gpu_check.main) == 2  # wrong usage


def test_the_parts_see_the_chosen_gpu_alone(gpu_check, tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    parts = list(gpu_check.parts_for(tmp_path, 2, 16))
    assert {part.environment["CUDA_VISIBLE_DEVICES"] for part in parts} == {"2"}
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7,6")
    parts = list(gpu_check.parts_for(tmp_path, 2, 16))
    assert {part.environment["CUDA_VISIBLE_DEVICES"] for part in parts} == {"6"}
    for part in parts:
        files = [word for word in part.command if word.startswith(("benchmarks/", "tests/"))]
        assert all((ROOT / file).exists() for file in files)
        tests = any(file.startswith("tests/") for file in files)
        assert (part.environment.get("COLORIZE_REQUIRE_CUDA") == "1") == tests


def findings():
    kernels = [
        {"name": name, "share_of_copy": share, "gigabytes_per_second": 3000 * share}
        for name, share in [("copy", 1.0), ("l_gray", 0.92), ("merge_gray_guided", 0.71)]
    ]
    stages = [
        {"name": name, "images_per_second": rate}
        for name, rate in zip(
            ("read", "preprocess", "infer", "recolor", "write"),
            (900, 4000, 2500, 700, 1200),
            strict=True,
        )
    ]
    rate = {"images_per_second": 2500.0, "slowest": 2400.0, "fastest": 2550.0, "gpu_busy": 0.93}
    run = {
        "pictures": "2 MP jpg",
        "stages": stages,
        "end_to_end": {"images_per_second": 250.0, "gpu_busy": 0.21},
    }
    return {
        "kernels": {"results": kernels},
        "tensorrt": rate,
        "onnxruntime": rate | {"images_per_second": 900.0, "slowest": 890.0, "gpu_busy": None},
        "torch": None,
        "end-to-end": {"runs": [run, run | {"pictures": "12 MP jpg"}]},
    }


@pytest.mark.parametrize("measured", [findings(), {}])
def test_the_plot(gpu_check, tmp_path, measured):
    parts = [{"name": name, "results": results} for name, results in measured.items()]
    plot = tmp_path / "plot.png"
    assert gpu_check.drawn({**MACHINE, "parts": parts}, plot)
    assert plot.read_bytes().startswith(b"\x89PNG")
