"""Nothing leaves the machine, and nothing is left on it but what was ordered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap

import pytest

RUN = "import sys; from colorize_batch.cli.batch import main; main()"


@pytest.fixture
def environment(tmp_path):
    """A home folder of its own, and nothing said about telemetry."""
    names = ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
    environment = {name: text for name, text in os.environ.items() if name not in names}
    (tmp_path / "home").mkdir()
    return environment | {"HOME": str(tmp_path / "home")}


def files_under(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_run_opens_no_socket_and_writes_only_under_dst(
    tmp_path, write_pictures, tiny_model, environment
):
    write_pictures(tmp_path / "in", 2)
    before = files_under(tmp_path)
    command = [sys.executable, "-c", RUN, "in", "out", "--model", str(tiny_model)]
    traced = shutil.which("strace") is not None
    if traced:
        command = [
            "strace",
            "-f",
            "-qq",
            "-e",
            "signal=none",
            "-e",
            "trace=%network",
            "-o",
            "trace",
            *command,
        ]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    if traced:
        assert (tmp_path / "trace").read_text() == ""
        (tmp_path / "trace").unlink()
    new = set(files_under(tmp_path)) - set(before)
    assert {name.split("/")[0] for name in new} == {"out"}


@pytest.mark.parametrize(
    "load",
    [
        "from colorize_batch.engine.inference import onnx_runtime",
        "from colorize_batch.export.parity import onnx_on_cpu",
    ],
)
def test_onnx_runtime_is_silent_however_it_is_loaded(load, tmp_path, tiny_model, environment):
    session = f"""
        {load}
        import onnxruntime, time
        onnxruntime.InferenceSession({str(tiny_model)!r})
        time.sleep(0.3)
        """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(session)], env=environment, cwd=tmp_path, check=True
    )
    assert files_under(tmp_path / "home") == []
