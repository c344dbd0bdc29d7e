"""A path as it was typed, made into one of this machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ...errors import UsageError

# A scheme of two letters or more, so that C:/ is a drive. pathlib has made one slash of two.
_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+")


def local_path(typed: str | Path) -> str:
    """Expand `~`, which a shell leaves alone in quotes, and refuse URLs.

    Parameters
    ----------
    typed
        A path, a glob or a URL. What exists under the very name is taken as it is.

    Returns
    -------
    str
        Of a path or a glob.

    Raises
    ------
    UsageError
        It is a URL, or names a home folder that there is not.
    """
    text = str(typed)
    if Path(text).exists():
        return text
    if _URL.match(text):
        url = _URL.sub(r"\1://", text, count=1)
        raise UsageError(f"{url}: expected a path on this machine; URLs are not read or written")
    try:
        return str(Path(text).expanduser()) if text.startswith("~") else text
    except RuntimeError as error:
        raise UsageError(f"{text}: there is no such user's home folder") from error
