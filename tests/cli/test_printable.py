import os

import pytest

from colorize_batch.cli.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("scans/plain.jpg", "scans/plain.jpg"),
        ("Überfahrt 1911, 船.jpg", "Überfahrt 1911, 船.jpg"),
        ("a\x1b[2J\x1b]0;owned\x07b", "a\\x1b[2J\\x1b]0;owned\\x07b"),
        ("one\nfailed: two\r\tthree", "one\\nfailed: two\\r\\tthree"),
        ("e\x9b31mf", "e\\x9b31mf"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        (os.fsdecode(b"gr\xfc\xdfe"), "gr\\xfc\\xdfe"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text, shown):
    assert printable(text) == shown
    assert printable(text).encode()
