from typing import get_args

from colorize_batch.engine.film.media.encoders import AUTO, ENCODERS, EncoderName


def test_every_encoder_has_its_name_for_the_command_line():
    assert get_args(EncoderName) == (AUTO, *ENCODERS)
