"""MkDocs hook: links from a page to files outside docs/ lead to the repository."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
LINK: Final = re.compile(r"\]\((?P<target>\.\./[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Point every `](../path)` that leaves docs/ at the file in the repository.

    Raises
    ------
    FileNotFoundError
        A page links to a file that does not exist.
    """
    folder = (ROOT / "docs" / page.file.src_uri).parent
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"].get("urls", {})
    repository = urls.get("Repository") or urls.get("Source") or "."

    def outside(match: re.Match[str]) -> str:
        path = (folder / match["target"]).resolve()
        if path.is_relative_to(ROOT / "docs"):
            return match[0]
        if not path.exists():
            raise FileNotFoundError(f"{page.file.src_uri} links to {match['target']}, not there")
        where = path.relative_to(ROOT).as_posix()
        return f"]({repository.rstrip('/')}/blob/main/{where}{match['anchor'] or ''})"

    return LINK.sub(outside, markdown)
