from __future__ import annotations

import re

import pytest

from colorize_batch.engine.inference.published_files import PUBLISHED_FILES, published_file
from colorize_batch.errors import UsageError


def test_every_file_has_a_digest_and_a_name_of_its_own():
    for file in PUBLISHED_FILES:
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert file.url.startswith("https://")
    assert len({file.name for file in PUBLISHED_FILES}) == len(PUBLISHED_FILES)


def test_zhangs_names_carry_their_digest():
    for name in ("eccv16", "siggraph17"):
        file = published_file(name)
        assert f"-{file.sha256[:8]}.pth" in file.file


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UsageError, match="'ddcolor': expected one of eccv16, siggraph17, ddcolor"):
        published_file("ddcolor")
