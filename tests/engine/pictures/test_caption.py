from __future__ import annotations

import os
import subprocess
import sys

import pytest

from colorize_batch.engine.pictures import caption as module
from colorize_batch.engine.pictures.caption import caption


@pytest.mark.parametrize("letters", ["Tesla", "Żółć", "Ελλάς", "Привет"])
def test_letters_are_drawn_each_in_its_own_shape(letters):
    shapes = {bytes(caption(letter).write_to_memory()) for letter in letters.lower()}
    assert len(shapes) == len(set(letters.lower()))  # boxes would be all the same


def test_markup_is_text():
    assert caption("<b>&").width > caption("b").width


def test_a_system_without_fonts_gets_letters_and_no_complaint(tmp_path):
    program = (
        "from pathlib import Path\n"
        "from colorize_batch.engine.pictures import caption as module\n"
        f"module._SYSTEM_SETTINGS = Path({str(tmp_path / 'none')!r})\n"
        "image = module.caption('ab')\n"
        "a, b = (bytes(module.caption(x).write_to_memory()) for x in 'ab')\n"
        "print(a != b)\n"
    )
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG")
    }
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment | {"HOME": str(tmp_path)},
        check=True,
    )
    assert result.stdout == "True\n"
    assert result.stderr == ""


def test_the_licence_of_the_font_is_beside_it():
    assert "Bitstream Vera" in (module._FONT_FILE.parent / "DejaVuSans-LICENSE.txt").read_text()
