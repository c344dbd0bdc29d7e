from typing import get_args

from colorize_batch.engine.pictures.formats import FORMATS, FormatName


def test_every_format_has_its_name_for_the_command_line():
    assert get_args(FormatName) == tuple(FORMATS)
