import pytest

from colorize_batch.training.dataset.braces import expanded_braces


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain.tar", ["plain.tar"]),
        ("s-{008..011}.tar", ["s-008.tar", "s-009.tar", "s-010.tar", "s-011.tar"]),
        ("s{9..11}", ["s9", "s10", "s11"]),
        ("{a,b}/{0..1}.tar", ["a/0.tar", "a/1.tar", "b/0.tar", "b/1.tar"]),
        ("{train,}.tar", ["train.tar", ".tar"]),
        ("{one}/x{3..1}/{}", ["{one}/x{3..1}/{}"]),
    ],
)
def test_written_out(name: str, expected: list[str]) -> None:
    assert list(expanded_braces(name)) == expected
