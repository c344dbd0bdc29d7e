import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest
from filelock import FileLock

from colorize_batch.engine.inference.tensorrt.engine_file import (
    EngineFile,
    read_engine_file,
    write_engine_file,
)
from colorize_batch.errors import BackendError, ModelError, UnwritableError
from colorize_batch.export.parity.color_difference import ParityBounds
from colorize_batch.export.tensorrt import engine_cache, engine_request
from colorize_batch.export.tensorrt.build_progress import BuildStep
from colorize_batch.export.tensorrt.engine_cache import (
    cache_folder,
    cached_engine,
    clear_engines,
    list_engines,
)
from colorize_batch.export.tensorrt.engine_spec import EngineSpec
from tests.conftest import TINY_CONTRACT, write_tiny_model
from tests.export.tensorrt.fake_builder import fake_flavor

SPEC = EngineSpec(targets=("sm_80",))
ROOT = Path(__file__).parents[3]

# Two of these at a time: each asks the cache for the same engine, whose builder is slow.
PROCESS = """
import sys, time
from pathlib import Path
import pytest
from colorize_batch.engine.inference.tensorrt.engine_file import EngineFile, read_engine_file, write_engine_file
from colorize_batch.export.tensorrt import engine_cache
from colorize_batch.export.tensorrt.engine_spec import EngineSpec
from tests.export.tensorrt.fake_builder import fake_flavor

log, model, ready = map(Path, sys.argv[1:])
fake_flavor(pytest.MonkeyPatch(), "tensorrt-rtx", "1.7.1.116")

def slow_build(request, path, **keywords):
    with log.open("a") as lines:
        lines.write("built\\n")
    time.sleep(0.7)
    file = EngineFile(key=request.key, contract=request.contract, plan=b"p" * 100000)
    write_engine_file(path, file)

engine_cache.engine_from_onnx = slow_build
ready.touch()
deadline = time.monotonic() + 60
while len(list(ready.parent.glob("ready*"))) < 2 and time.monotonic() < deadline:
    time.sleep(0.005)
steps = []
path = engine_cache.cached_engine(model, EngineSpec(targets=("sm_80",)), on_progress=steps.append)
assert len(read_engine_file(path).plan) == 100000
print(path, steps[0].phase if steps else "-", sep="|")
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(engine_cache.FOLDER_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "engines"


@pytest.fixture
def builds(monkeypatch):
    """What was built, by a builder that only writes a file."""
    fake_flavor(monkeypatch, "tensorrt-rtx", "1.7.1.116")
    made = []

    def build(request, path, *, on_progress, timing_cache_path):
        made.append((request, timing_cache_path))
        on_progress(BuildStep(phase="Building engine", share=1))
        file = EngineFile(key=request.key, contract=request.contract, plan=b"plan %d" % len(made))
        write_engine_file(path, file)

    monkeypatch.setattr(engine_cache, "engine_from_onnx", build)
    return made


def test_built_once(builds, tiny_model, folder):
    steps = []
    path = cached_engine(tiny_model, SPEC, on_progress=steps.append)
    assert path.parent == folder
    assert path.name.startswith("tiny-")
    assert read_engine_file(path).plan == b"plan 1"
    assert steps == [BuildStep(phase="Building engine", share=1)]
    assert cached_engine(tiny_model, SPEC, on_progress=steps.append) == path
    assert len(builds) == len(steps) == 1


class Card:
    """A GPU whose driver can be updated."""

    name, compute_capability, driver_version = "A card", (8, 9), 13000

    def __init__(self, ordinal):
        assert ordinal == 0

    def close(self):
        pass


@pytest.fixture
def card(monkeypatch):
    for module in (engine_cache, engine_request):
        monkeypatch.setattr(module, "open_device", Card)
    monkeypatch.setattr(Card, "driver_version", 13000)
    return Card


def test_a_build_that_failed_is_tried_again_only_with_another_driver(
    builds, tiny_model, folder, card, monkeypatch
):
    def fail(*_, **__):
        builds.append("failed")
        raise BackendError("no kernel was found")

    spec = EngineSpec(gpu=0)
    works = engine_cache.engine_from_onnx
    monkeypatch.setattr(engine_cache, "engine_from_onnx", fail)
    with pytest.raises(BackendError, match=r"^no kernel was found$"):
        cached_engine(tiny_model, spec)
    message = (
        r"no kernel was found \(as on an earlier try; colorize-export cache clear forgets it\)"
    )
    with pytest.raises(BackendError, match=message):
        cached_engine(tiny_model, spec)
    assert builds == ["failed"]
    monkeypatch.setattr(engine_cache, "engine_from_onnx", works)
    monkeypatch.setattr(card, "driver_version", 13010)
    path = cached_engine(tiny_model, spec)
    monkeypatch.setattr(card, "driver_version", 13000)
    clear_engines()
    assert cached_engine(tiny_model, spec) == path
    assert list(folder.glob("*.refused")) == []


def test_an_engine_that_cannot_be_loaded_is_not_offered_again(builds, tiny_model, card):
    path = cached_engine(tiny_model, EngineSpec(gpu=0))
    engine_cache.refuse_engine(path, 0, ModelError("TensorRT refuses it: old driver"))
    with pytest.raises(BackendError, match="TensorRT refuses it: old driver"):
        cached_engine(tiny_model, EngineSpec(gpu=0))
    path.with_suffix(".refused").write_bytes(b"\xff no JSON")
    assert cached_engine(tiny_model, EngineSpec(gpu=0)) == path


def test_two_processes_build_once(tmp_path, tiny_model):
    log = tmp_path / "log"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(log), str(tiny_model), str(tmp_path / f"ready{i}")],
            stdout=subprocess.PIPE,
            env=environment,
            cwd=ROOT,
            text=True,
        )
        for i in range(2)
    ]
    said = [process.communicate(timeout=100)[0].strip().split("|") for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert log.read_text() == "built\n"
    assert said[0][0] == said[1][0]
    assert sorted(phase for _, phase in said) == [
        "-",
        "Another process is building this engine",
    ]


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:100],
        lambda whole: whole[:-1],
        lambda whole: whole[:-1] + b"?",
        lambda whole: b"PK" + whole[2:],
    ],
    ids=["empty", "header cut", "plan cut", "plan damaged", "foreign"],
)
def test_what_is_not_whole_is_built_again(builds, tiny_model, damage):
    path = cached_engine(tiny_model, SPEC)
    path.write_bytes(damage(path.read_bytes()))
    assert cached_engine(tiny_model, SPEC) == path
    assert read_engine_file(path).plan == b"plan 2"


def test_a_file_of_another_key_under_the_name_is_built_again(builds, tiny_model):
    path = cached_engine(tiny_model, SPEC)
    file = read_engine_file(path)
    write_engine_file(
        path, dataclasses.replace(file, key=dataclasses.replace(file.key, batch_max=99))
    )
    cached_engine(tiny_model, SPEC)
    assert read_engine_file(path).key.batch_max == SPEC.batch_max


def test_other_models_specs_and_versions_have_engines_of_their_own(
    builds, tiny_model, tmp_path, monkeypatch
):
    specs = [
        SPEC,
        EngineSpec(),
        dataclasses.replace(SPEC, precision="fp32"),
        dataclasses.replace(SPEC, batch_max=4),
        dataclasses.replace(SPEC, bounds=ParityBounds(max_ab=5)),
        dataclasses.replace(SPEC, beyond_bounds=True),
        dataclasses.replace(SPEC, photos=tmp_path),
    ]
    paths = {cached_engine(tiny_model, spec) for spec in specs}
    contract = dataclasses.replace(TINY_CONTRACT, name="other")
    (tmp_path / "other").mkdir()
    paths.add(cached_engine(write_tiny_model(tmp_path / "other" / "tiny.onnx", contract), SPEC))
    fake_flavor(monkeypatch, "tensorrt-rtx", "1.8.0.1")
    paths.add(cached_engine(tiny_model, SPEC))
    assert len(paths) == len(builds) == len(specs) + 2
    assert len(list_engines()) == len(paths)
    assert len({timing for _, timing in builds}) == 2  # one for each version


def test_nothing_stays_of_a_build_that_failed(tiny_model, monkeypatch, folder):
    fake_flavor(monkeypatch, "tensorrt-rtx", "1.7.1.116").plan = None
    with pytest.raises(Exception, match="the build failed: no kernel was found"):
        cached_engine(tiny_model, SPEC)
    assert [path.suffix for path in folder.iterdir()] == [".lock"]
    # and the lock is free
    with FileLock(next(folder.iterdir()), timeout=0):
        pass


def test_list_and_clear(builds, tiny_model, folder):
    assert list_engines() == []
    assert clear_engines() == (0, 0)
    whole = cached_engine(tiny_model, SPEC)
    broken = cached_engine(tiny_model, EngineSpec())
    broken.write_bytes(b"damaged")
    whole.with_suffix(".kernels").write_bytes(b"1234")
    (folder / "notes.txt").write_text("the user's own")
    listed = {entry.path: entry for entry in list_engines()}
    assert listed.keys() == {whole, broken}
    assert listed[broken].engine is None
    assert listed[whole].engine == dataclasses.replace(read_engine_file(whole), plan=b"")
    nbytes = whole.stat().st_size
    assert listed[whole].nbytes == nbytes
    assert clear_engines() == (2, nbytes + len(b"damaged") + 4)
    left = {path.suffix for path in folder.iterdir()}
    assert left == {".txt", ".lock"}


def test_what_is_being_built_is_not_cleared(builds, tiny_model):
    path = cached_engine(tiny_model, SPEC)
    with FileLock(path.with_suffix(".lock")):
        assert clear_engines() == (0, 0)
    assert path.exists()


def test_where_it_cannot_write(builds, tiny_model, tmp_path):
    (tmp_path / "cache").write_text("a file in the way")
    with pytest.raises(
        UnwritableError, match="cannot write the cache of engines: .*COLORIZE_CACHE"
    ):
        cached_engine(tiny_model, SPEC)
    assert builds == []


def test_the_users_cache_is_the_default(monkeypatch):
    monkeypatch.delenv(engine_cache.FOLDER_VARIABLE)
    assert cache_folder() == platformdirs.user_cache_path("colorize-batch") / "engines"
