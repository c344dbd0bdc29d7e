"""libvips, set up for a streaming run; the one module that imports pyvips."""

from __future__ import annotations

import logging

import pyvips

__all__ = ["pyvips"]

# Every picture passes once, so caching operations would only hold memory; the pipeline's threads
# are the parallelism, so one picture gets one thread.
pyvips.cache_set_max(0)
pyvips.vips_lib.vips_concurrency_set(1)
logging.getLogger("pyvips").setLevel(logging.ERROR)
