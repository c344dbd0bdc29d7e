"""How every command ends: errors as one line, documented exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn

import click
import typer
from rich.console import Console

from ..errors import ColorizeError

EXIT_OK: Final = 0
EXIT_USAGE: Final = 1
EXIT_SOME_FAILED: Final = 2
EXIT_INTERRUPTED: Final = 130

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
    except click.UsageError as error:
        hint = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
        _print_error(name, error.format_message() + hint)
    except click.ClickException as error:
        _print_error(name, error.format_message())
    except (KeyboardInterrupt, click.Abort):
        _print_error(name, "stopped")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return EXIT_OK
    else:
        return result if isinstance(result, int) else EXIT_OK
    return EXIT_USAGE


def _print_error(name: str, message: str) -> None:
    print(f"{name}: error: {' '.join(message.split())}", file=sys.stderr)
