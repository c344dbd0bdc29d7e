from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from colorize_batch.engine.threads import control_group, memory
from colorize_batch.engine.threads.control_group import limits_of
from colorize_batch.engine.threads.cores import available_cores
from colorize_batch.engine.threads.memory import available_memory


def groups(tmp_path, monkeypatch, membership, files):
    """A made-up tree of control groups that this process is in."""
    for name, text in files.items():
        path = tmp_path / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "membership").write_text(membership)
    monkeypatch.setattr(control_group, "ROOT", tmp_path / "cgroup")
    monkeypatch.setattr(control_group, "MEMBERSHIP", tmp_path / "membership")


def test_the_tightest_group_of_version_2_counts(tmp_path, monkeypatch):
    groups(
        tmp_path,
        monkeypatch,
        "0::/job/step\n",
        {
            "job/memory.max": "300000000\n",
            "job/memory.current": "100000000\n",
            "job/memory.stat": "anon 5\ninactive_file 50000000\n",
            "job/step/memory.max": "max\n",
            "job/cpu.max": "150000 100000\n",
            "job/step/cpu.max": "max 100000\n",
        },
    )
    assert available_memory() == int(0.9 * 250_000_000)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(8))
    assert available_cores() == 2


def test_groups_of_version_1(tmp_path, monkeypatch):
    groups(
        tmp_path,
        monkeypatch,
        "5:memory:/job\n4:cpu,cpuacct:/job\n1:name=systemd:/\n",
        {
            "memory/job/memory.limit_in_bytes": "200000000\n",
            "memory/job/memory.usage_in_bytes": "20000000\n",
            "memory/job/memory.stat": "total_inactive_file 0\n",
            "cpu,cpuacct/job/cpu.cfs_quota_us": "50000\n",
            "cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
        },
    )
    assert available_memory() == int(0.9 * 180_000_000)
    assert available_cores() == 1


def test_a_group_that_is_seen_from_within_its_container(tmp_path, monkeypatch):
    groups(tmp_path, monkeypatch, "0::/docker/abc\n", {"memory.max": "64\n"})
    assert [text for _, text in limits_of("memory", "memory.max", "")] == ["64"]


def test_no_limits(tmp_path, monkeypatch):
    groups(tmp_path, monkeypatch, "0::/\n", {"memory.max": "max\n", "cpu.max": "max 100000\n"})
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(8))
    assert available_cores() == 8
    free = memory._free_memory()
    assert free is None or available_memory() <= free


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_address_space_of_ulimit():
    limit = 2_000_000_000
    code = (
        "from colorize_batch.engine.threads.memory import available_memory; "
        "print(available_memory())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert 0 < int(answer.stdout) < limit
