"""Fixtures that several commands' tests use."""

import pytest
import typer

from colorize_batch.cli import export
from colorize_batch.cli.reporting import exit_code_of


@pytest.fixture
def run_export(capsys):
    """Run `colorize-export` in this process; gives (exit code, standard output, standard error)."""

    def call(*arguments):
        command = typer.main.get_command(export.app)
        words = [*map(str, arguments)]
        code = exit_code_of(lambda: command(words, standalone_mode=False), "colorize-export")
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
