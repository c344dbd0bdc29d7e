"""A call in a process of its own, so that memory and CPU time are its own too."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

from ...errors import BackendError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def in_fresh_process(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Call in a newly started interpreter that ends afterwards.

    Parameters
    ----------
    function
        Of a module's top level; it, its arguments and its result must be picklable.

    Raises
    ------
    BackendError
        The process died. What the function raises is raised here.
    """
    executor = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_end_on_ctrl_c)
    with executor:
        try:
            return executor.submit(function, *args, **kwargs).result()
        except BrokenProcessPool as error:
            raise BackendError(
                "the measuring process died, most likely for want of memory; name smaller --sizes"
            ) from error


def _end_on_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
