"""libvips, set up for a streaming run over untrusted files; the one module that imports pyvips."""

from __future__ import annotations

import logging
from typing import Final

import pyvips

__all__ = ["LOADERS", "error_text", "loader_of", "pyvips"]

LOADERS: Final = ("Jpeg", "Png", "Tiff", "Webp", "Heif", "Nsgif")
"""Formats that libvips may decode, as it names them; every other loader is blocked."""

# Every picture passes once, so caching operations would only hold memory; the pipeline's threads
# are the parallelism, so one picture gets one thread.
pyvips.cache_set_max(0)
pyvips.vips_lib.vips_concurrency_set(1)
logging.getLogger("pyvips").setLevel(logging.ERROR)

# A file is opened by what it contains, not by its name: a picture must not reach a parser of SVG,
# of PDF or of ImageMagick's hundred formats. A blocked loader is not asked to recognise it either.
pyvips.block_untrusted_set(True)
pyvips.operation_block_set("VipsForeignLoad", True)
for _loader in LOADERS:
    pyvips.operation_block_set(f"VipsForeignLoad{_loader}", False)


def loader_of(file_bytes: bytes) -> str:
    """Return the name in `LOADERS` of a file's format, such as "Jpeg"; empty if it has none."""
    nickname = pyvips.vips_lib.vips_foreign_find_load_buffer(file_bytes, len(file_bytes))
    if nickname == pyvips.ffi.NULL:
        pyvips.vips_lib.vips_error_clear()
        return ""
    name: str = pyvips.ffi.string(nickname).decode()
    return name.removeprefix("VipsForeignLoad").removesuffix("Buffer")


def error_text() -> str:
    """Take the text out of libvips' error buffer; bytes that are not UTF-8 are escaped."""
    text: bytes = pyvips.ffi.string(pyvips.vips_lib.vips_error_buffer())
    pyvips.vips_lib.vips_error_clear()
    return text.decode("utf-8", "backslashreplace")


def _initialize_error(self: pyvips.Error, message: str, detail: str | None = None) -> None:
    self.message = message
    self.detail = detail or error_text()


# pyvips decodes the buffer as strict UTF-8 before it clears it. A damaged file can put its own bytes
# there, and then not only this but every later picture would fail to be reported, or opened.
pyvips.Error.__init__ = _initialize_error
