from __future__ import annotations

from pathlib import Path

import pytest

from colorize_batch.engine.batch.listed_paths import listed_paths

NAMES = ["a b.jpg", "größe/č.png", "/abs/c.tif"]
EXPECTED = [Path(name) for name in NAMES]


@pytest.mark.parametrize(
    "data",
    [
        "\n".join(NAMES).encode(),
        "\r\n".join([*NAMES, "", ""]).encode(),
        "\0".join([*NAMES, ""]).encode(),
        b"\xef\xbb\xbf" + "\n".join(NAMES).encode(),
        "\n".join(NAMES).encode("utf-16"),
        b"\xfe\xff" + "\r\n".join(NAMES).encode("utf-16-be"),
    ],
)
def test_lists_of_every_making(data):
    assert listed_paths(data) == EXPECTED


def test_utf16_without_a_mark():
    assert listed_paths("a.jpg\nb.jpg\n".encode("utf-16-le")) == [Path("a.jpg"), Path("b.jpg")]


def test_names_that_are_no_text_stay_as_they_are():
    assert bytes(listed_paths(b"caf\xe9.jpg\n")[0]) == b"caf\xe9.jpg"


def test_an_empty_list():
    assert listed_paths(b"") == []
