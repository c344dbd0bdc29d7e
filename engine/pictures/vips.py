"""libvips, set up for a streaming run; the one module that imports pyvips."""

from __future__ import annotations

import logging

import pyvips

__all__ = ["loader_of", "pyvips"]

# Every picture passes once, so caching operations would only hold memory; the pipeline's threads
# are the parallelism, so one picture gets one thread.
pyvips.cache_set_max(0)
pyvips.vips_lib.vips_concurrency_set(1)
logging.getLogger("pyvips").setLevel(logging.ERROR)


def loader_of(file_bytes: bytes) -> str:
    """Return the name that libvips has for a file's format, such as "Jpeg"; empty if it has none."""
    nickname = pyvips.vips_lib.vips_foreign_find_load_buffer(file_bytes, len(file_bytes))
    if nickname == pyvips.ffi.NULL:
        return ""
    name: str = pyvips.ffi.string(nickname).decode()
    return name.removeprefix("VipsForeignLoad").removesuffix("Buffer")
