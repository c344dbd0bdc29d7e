"""The kernels compiled for every GPU, without one."""

from __future__ import annotations

import re

import pytest

from colorize_batch.errors import BackendError, MissingDependencyError
from colorize_batch.kernels.cuda import fatbin
from colorize_batch.kernels.cuda.kernels import KERNELS

pytestmark = pytest.mark.needs_numba

KERNEL_OF = """
.version 8.0
.target sm_75
.address_size 64
.visible .entry sample(.param .u64 out) {{
  .reg .f64 %d<3>;
  .reg .b64 %rd<2>;
  ld.param.u64 %rd1, [out];
  {body}
  ret;
}}
"""


# A place in it that only the running kernel knows, so that no register can take its part.
USE_OF_LOCAL_MEMORY = """
  .local .b8 frame[64];
  .reg .b64 %place<3>;
  mov.u64 %place1, frame;
  and.b64 %place2, %rd1, 56;
  add.u64 %place2, %place1, %place2;
  st.local.u64 [%place1], 1;
  st.local.u64 [%place2], 2;
  ld.local.u64 %place1, [%place1];
  st.u64 [%rd1], %place1;
"""


@pytest.fixture(scope="module")
def ptx() -> str:
    from colorize_batch.kernels.cuda.ptx import ptx_from_kernels

    return ptx_from_kernels()


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    try:
        fatbin._path_of("ptxas")
        fatbin._path_of("fatbinary")
    except MissingDependencyError as error:
        pytest.skip(str(error))


def test_every_kernel_is_an_entry_of_c_types(ptx: str) -> None:
    entries = dict(re.findall(r"\.visible \.entry (\w+)\(([^)]*)\)", ptx))
    assert set(entries) == set(KERNELS)
    for parameters in entries.values():
        assert set(re.findall(r"\.param \.(\w+) ", parameters)) <= {"u64", "u32", "f32"}
    assert ptx.count(".version") == 1


def test_no_double_precision_and_no_calls(ptx: str) -> None:
    assert not re.search(r"\.f64|\.local|\bcall\b", ptx)


def test_fast_arithmetic_is_used_but_where_infinity_counts(ptx: str) -> None:
    bodies = {entry.partition("(")[0]: entry for entry in ptx.split(".visible .entry ")[1:]}
    for name, body in bodies.items():
        assert ("div.approx.ftz.f32" in body) == KERNELS[name].fast or name == "guided_lines", name
    assert "div.rn.f32" in bodies["ab_offsets"]


def test_file_holds_every_gpu_and_passes_the_gates(ptx: str) -> None:
    image = fatbin.fatbin_from_ptx(ptx)
    assert image[:4] == (0xBA55ED50).to_bytes(4, "little")
    assert len(image) < 400_000
    assert len(fatbin.GPUS) == 7


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("ld.f64 %d1, [%rd1]; add.f64 %d2, %d1, %d1; st.f64 [%rd1], %d2;", "[Dd]ouble"),
        (USE_OF_LOCAL_MEMORY, "Local memory"),
        ("no.such %d2;", "ptxas takes, got"),
    ],
)
def test_gates_refuse(body: str, complaint: str) -> None:
    with pytest.raises(BackendError, match=complaint):
        fatbin.fatbin_from_ptx(KERNEL_OF.format(body=body))


def test_gates_let_a_plain_kernel_pass() -> None:
    assert fatbin.fatbin_from_ptx(KERNEL_OF.format(body="st.u64 [%rd1], 7;"))
