import dataclasses

import pytest

from colorize_batch.engine.inference.tensorrt import engine_file
from colorize_batch.engine.inference.tensorrt.engine_file import (
    FORMAT_VERSION,
    MAGIC,
    EngineFile,
    EngineKey,
    read_engine_file,
    write_engine_file,
)
from colorize_batch.errors import ModelError, UnwritableError, UsageError
from tests.conftest import TINY_CONTRACT

KEY = EngineKey(
    onnx_sha256="ab" * 32,
    precision="fp16",
    batch_max=8,
    working_min=(16, 16),
    working_opt=(64, 48),
    working_max=(256, 256),
    flavor="tensorrt-rtx",
    flavor_version="1.7.1.116",
    device_name=None,
    compute_capability=None,
    targets=("sm_80", "sm_89"),
)
FILE = EngineFile(
    key=KEY,
    contract=TINY_CONTRACT,
    plan=bytes(range(256)) * 40,
    float32_layers=("softmax", "norm"),
    parity="FP16 on the CPU: 0.02 ab",
)
PREAMBLE = 48  # bytes: magic, version, length and digest of the header


@pytest.fixture
def path(tmp_path):
    written = tmp_path / "new" / "tiny.engine"
    write_engine_file(written, FILE)
    return written


def test_comes_back_as_it_went(path):
    assert read_engine_file(path) == FILE
    assert [entry.name for entry in path.parent.iterdir()] == ["tiny.engine"]


def test_comes_back_for_a_gpu(tmp_path):
    key = dataclasses.replace(
        KEY, device_name="NVIDIA H200", compute_capability=(9, 0), targets=(), flavor="tensorrt"
    )
    write_engine_file(tmp_path / "a.engine", dataclasses.replace(FILE, key=key))
    assert read_engine_file(tmp_path / "a.engine").key == key


def test_without_its_plan(path):
    assert read_engine_file(path, with_plan=False) == dataclasses.replace(FILE, plan=b"")


def test_files_of_earlier_releases_have_no_verdict(path, monkeypatch):
    written = engine_file.json.dumps

    def without_verdict(header, **options):
        entries = {key: header[key] for key in header if key not in ("float32_layers", "parity")}
        return written(entries, **options)

    monkeypatch.setattr(engine_file.json, "dumps", without_verdict)
    write_engine_file(path, FILE)
    assert read_engine_file(path) == dataclasses.replace(FILE, float32_layers=(), parity="")


def test_same_bytes_again(path, tmp_path):
    write_engine_file(tmp_path / "again.engine", FILE)
    assert path.read_bytes() == (tmp_path / "again.engine").read_bytes()


@pytest.mark.parametrize("with_plan", [True, False])
@pytest.mark.parametrize("length", [0, 3, len(MAGIC), PREAMBLE - 1, PREAMBLE, PREAMBLE + 20, -1])
def test_cut_short(path, length, with_plan):
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ModelError, match="build it again with: colorize-export engine"):
        read_engine_file(path, with_plan=with_plan)


def test_damage_is_found(path):
    whole = path.read_bytes()
    end_of_header = len(whole) - len(FILE.plan)
    header = range(PREAMBLE, end_of_header, 7)
    for at in [*range(PREAMBLE), *header, end_of_header, len(whole) - 1]:
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(ModelError, match=r"tiny\.engine: expected .*, got .*build it again"):
            read_engine_file(path)


def test_bytes_too_many(path):
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ModelError, match="expected 10240 bytes of plan, got 10241"):
        read_engine_file(path, with_plan=False)


def test_another_format(path):
    whole = bytearray(path.read_bytes())
    whole[len(MAGIC)] = FORMAT_VERSION + 1
    path.write_bytes(whole)
    with pytest.raises(ModelError, match="expected format 1, got format 2; build it again"):
        read_engine_file(path)


def test_no_engine_at_all(tmp_path, tiny_model):
    with pytest.raises(ModelError, match="expected an engine of colorize-batch, got another file"):
        read_engine_file(tiny_model)
    with pytest.raises(ModelError, match="cannot read it: No such file"):
        read_engine_file(tmp_path / "none.engine")
    with pytest.raises(ModelError, match="cannot read it: Is a directory"):
        read_engine_file(tmp_path)


def test_a_header_that_makes_no_sense(path, monkeypatch):
    monkeypatch.setattr(
        "colorize_batch.engine.inference.tensorrt.engine_file.PRECISIONS", ("fp16", "fp32", "fp8")
    )
    key = dataclasses.replace(KEY, precision="fp8")
    write_engine_file(path, dataclasses.replace(FILE, key=key))
    monkeypatch.undo()
    with pytest.raises(ModelError, match="precision 'fp8': expected fp16, fp32; build it again"):
        read_engine_file(path)


def test_nothing_to_write(tmp_path):
    with pytest.raises(UsageError, match="expected a plan to write"):
        write_engine_file(tmp_path / "a.engine", dataclasses.replace(FILE, plan=b""))
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableError):
        write_engine_file(tmp_path / "file" / "a.engine", FILE)


def test_digest_names_the_key():
    assert KEY.digest() == dataclasses.replace(KEY).digest()
    others = [
        {"onnx_sha256": "cd" * 32},
        {"precision": "fp32"},
        {"batch_max": 9},
        {"working_min": (16, 32)},
        {"working_opt": (64, 64)},
        {"working_max": (256, 128)},
        {"flavor": "tensorrt"},
        {"flavor_version": "1.8"},
        {"device_name": "NVIDIA L4", "compute_capability": (8, 9)},
        {"device_name": "NVIDIA L40", "compute_capability": (8, 9)},
        {"targets": ("sm_80",)},
    ]
    digests = {dataclasses.replace(KEY, **other).digest() for other in others}
    assert len(digests | {KEY.digest()}) == len(others) + 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"precision": "int8"}, "precision 'int8': expected fp16, fp32"),
        ({"flavor": "onnx"}, "flavour 'onnx': expected tensorrt, tensorrt-rtx"),
        ({"batch_max": 0}, "largest batch 0: expected 1 or more"),
        ({"working_opt": (512, 64)}, "working shapes"),
        ({"working_min": (0, 16)}, "working shapes"),
        ({"device_name": "NVIDIA L4"}, "device 'NVIDIA L4' of capability None"),
    ],
)
def test_senseless_keys(change, message):
    with pytest.raises(UsageError, match=message):
        dataclasses.replace(KEY, **change)
