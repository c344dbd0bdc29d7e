"""How every command ends: errors as one line, documented exit codes."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, Final, NoReturn

import typer
from rich.console import Console

from ..errors import ColorizeError, one_line
from ..extras import with_installable_hints
from .printable import printable
from .standard_streams import forgiving_streams, tell_lost_output
from .stop_signals import EXIT_INTERRUPTED, has_arrived, ignore, raise_interrupt

# Names of the threads of runs.
STAGES: Final = frozenset({"read", "preprocess", "infer", "recolor", "write", "commit"})
EXIT_OK: Final = 0
EXIT_USAGE: Final = 1
EXIT_SOME_FAILED: Final = 2

# Click's base error; newer Typer carries a Click of its own, so it is not imported by name.
_ClickException: Final[type[Exception]] = typer.BadParameter.__mro__[2]

# People's lines go to standard error, so that standard output can be piped.
console: Final = Console(stderr=True, highlight=False, soft_wrap=True)


# What `--debug` shows; a library's user configures it as any other.
log: Final = logging.getLogger("colorize_batch")


def run_app(app: typer.Typer) -> NoReturn:
    """Run a command and exit: 0, or 1 with one line for an error, 130 for Ctrl-C and SIGTERM."""
    forgiving_streams()
    raise_interrupt()
    command = typer.main.get_command(app)
    name = command.name or "colorize-batch"
    code = exit_code_of(lambda: command(standalone_mode=False), name)
    ignore()
    tell_lost_output(name)
    if any(thread.name in STAGES for thread in threading.enumerate()):
        # A thread that foreign code does not give back: what it uses must not be freed under it.
        os._exit(code)
    sys.exit(code)


def exit_code_of(call: Callable[[], Any], name: str) -> int:
    """Call; print what it raised as one line, log its traceback; give the exit code."""
    try:
        result = call()
    except ColorizeError as error:
        log.debug("%s failed", name, exc_info=True)
        _print_error(name, one_line(error))
    except _ClickException as error:
        message = error.format_message().replace("Value error, ", "")  # type: ignore[attr-defined]
        _print_error(name, f"{message} (see {name} --help)")
    except (KeyboardInterrupt, typer.Abort):
        log.debug("%s was stopped", name, exc_info=True)
        _print_error(name, "stopped")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return EXIT_OK
    except Exception as error:  # a defect of ours: one line, and how to see the rest
        log.debug("%s failed", name, exc_info=True)
        hint = "" if log.isEnabledFor(logging.DEBUG) else " (--debug shows where)"
        _print_error(name, f"{one_line(error)}{hint}")
    else:
        return result if isinstance(result, int) else EXIT_OK
    return EXIT_INTERRUPTED if has_arrived() else EXIT_USAGE


def show_tracebacks(requested: bool) -> None:
    """Send the log with all its tracebacks to standard error, if requested."""
    if requested:
        logging.basicConfig(
            stream=sys.stderr, format="%(asctime)s %(threadName)s %(levelname)s %(message)s"
        )
        log.setLevel(logging.DEBUG)


def print_line(text: str) -> None:
    """Print a line for people, on standard error."""
    console.print(printable(text), markup=False)


def print_note(text: str) -> None:
    """Print a line on what goes on otherwise than was requested."""
    print_line(f"note: {text}")


def print_skipped(name: str, reason: str) -> None:
    """Print a line on an input that is left out."""
    print_line(f"skipped: {name}: {reason}")


def _print_error(name: str, message: str) -> None:
    message = with_installable_hints(" ".join(message.split()))
    print(f"{name}: error: {printable(message)}", file=sys.stderr)
