"""How every command ends: errors as one line, documented exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn

import typer
from rich.console import Console

from ..errors import ColorizeError

EXIT_OK: Final = 0
EXIT_USAGE: Final = 1
EXIT_SOME_FAILED: Final = 2
EXIT_INTERRUPTED: Final = 130

# Click's base error; newer Typer carries a Click of its own, so it is not imported by name.
_ClickException: Final[type[Exception]] = typer.BadParameter.__mro__[2]

# People's lines go to standard error, so that standard output can be piped.
console: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def run_app(app: typer.Typer) -> NoReturn:
    """Run a command and exit: 0, or 1 with one line for a usage or model error, 130 for Ctrl-C."""
    command = typer.main.get_command(app)
    sys.exit(exit_code_of(lambda: command(standalone_mode=False), command.name or "colorize-batch"))


def exit_code_of(call: Callable[[], Any], name: str) -> int:
    """Call; print what it raised as one line; give the exit code."""
    try:
        result = call()
    except ColorizeError as error:
        _print_error(name, str(error))
    except _ClickException as error:
        _print_error(name, f"{error.format_message()} (see {name} --help)")  # type: ignore[attr-defined]
    except (KeyboardInterrupt, typer.Abort):
        _print_error(name, "stopped")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return EXIT_OK
    else:
        return result if isinstance(result, int) else EXIT_OK
    return EXIT_USAGE


def print_note(text: str) -> None:
    """Print a line on what goes on otherwise than was requested."""
    console.print(f"note: {text}", markup=False)


def _print_error(name: str, message: str) -> None:
    print(f"{name}: error: {' '.join(message.split())}", file=sys.stderr)
