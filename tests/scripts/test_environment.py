"""What scripts/environment says on machines that lack something; nothing is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("bash", "mktemp", "tail", "sleep", "rm", "cat", "env", "uname")

pytestmark = pytest.mark.skipif(
    shutil.which("bash") is None or os.name != "posix", reason="the scripts are for bash"
)


def machine(folder: Path, *, lacks: tuple[str, ...] = (), **stubs: str) -> Path:
    """A folder for PATH: the usual tools, a python3 without the modules in `lacks`, and stubs."""
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    modules = " ".join(lacks)
    stubs["python3"] = f'case "$*" in {"|".join(f"*{m}*" for m in lacks) or "-"}) exit 1;; esac'
    stubs["python3"] += f"\necho {modules} >/dev/null"
    for name, body in stubs.items():
        path = folder / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
    return folder


def run(script: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run bash commands after sourcing scripts/environment, with nothing but `path` on PATH."""
    environment = {"PATH": str(path), "TMPDIR": str(path)}
    return subprocess.run(
        ["bash", "-c", f"source scripts/environment\nhas_libjpeg() {{ return 1; }}\n{script}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_user_is_told_all_missing_packages_in_one_line(tmp_path):
    path = machine(
        tmp_path / "bin", lacks=("ensurepip", "Python.h"), id="echo 1000", **{"apt-get": "exit 9"}
    )
    result = run("system_needs", path)
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert lines[1] == "    sudo apt-get install g++ python3-dev python3-venv libjpeg-dev"
    assert len(lines) == 2


def test_root_gets_them_all_with_one_apt_get(tmp_path):
    path = machine(
        tmp_path / "bin",
        lacks=("ensurepip", "Python.h"),
        id="echo 0",
        **{"apt-get": 'echo "$@" >> "$TMPDIR/apt"'},
    )
    result = run("system_needs", path)
    assert result.returncode == 0, result.stderr
    asked = (path / "apt").read_text().splitlines()
    assert asked[0].startswith("update")
    assert [line.split("recommends ")[1] for line in asked[1:]] == [
        "g++ python3-dev python3-venv libjpeg-dev"
    ]


def test_without_libjpeg_alone_a_user_goes_on(tmp_path):
    path = machine(tmp_path / "bin", id="echo 1000", **{"apt-get": "exit 9", "c++": "exit 0"})
    result = run("system_needs && echo going on", path)
    assert result.returncode == 0
    assert "libjpeg-dev" in result.stderr
    assert result.stdout == "going on\n"


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ("apt-get", "sudo apt-get install g++ python3-dev libjpeg-dev"),
        ("dnf", "sudo dnf install gcc-c++ python3-devel libjpeg-turbo-devel"),
        ("pacman", "sudo pacman -S --needed gcc python libjpeg-turbo"),
    ],
)
def test_packages_have_the_names_of_the_system(tmp_path, tool, expected):
    path = machine(tmp_path / "bin", **{tool: "exit 9"})
    result = run("how_to_install g++ python3-dev libjpeg-dev", path)
    assert result.stdout.strip() == expected, result.stderr


def test_a_failed_step_shows_what_it_printed(tmp_path):
    path = machine(tmp_path / "bin")
    result = run("step() { echo the reason; return 3; }; with_progress Building step", path)
    assert result.returncode == 1
    assert "Building: failed after" in result.stderr
    assert "the reason" in result.stderr
