"""Names of files, which may hold any bytes, as text that a terminal does not obey."""

from __future__ import annotations

import re
from typing import Final

# Control characters, the bytes of names that are not UTF-8, line separators, and what turns the
# direction of text around.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_SURROGATE_OF_BYTE: Final = range(0xDC80, 0xDD00)


def printable(text: object) -> str:
    r"""Escape what must not reach a terminal or a line of a list raw.

    Parameters
    ----------
    text
        A message that is meant to be one line, or a name in it.

    Returns
    -------
    str
        Without control characters; a byte of a name that is not UTF-8 becomes `\xfc`.
    """
    return _UNSAFE.sub(_escaped, str(text))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code in _SURROGATE_OF_BYTE:  # os.fsdecode
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(found[0], f"\\x{code:02x}")
    return f"\\u{code:04x}"
