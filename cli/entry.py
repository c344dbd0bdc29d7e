"""Where every command starts: nothing is imported before a signal is answered for."""

from __future__ import annotations

from importlib import import_module

from .stop_signals import leave_at_once


def batch() -> None:
    """Run `colorize-batch`."""
    _run("batch")


def bench() -> None:
    """Run `colorize-bench`."""
    _run("bench")


def export() -> None:
    """Run `colorize-export`."""
    _run("export")


def train() -> None:
    """Run `colorize-train`."""
    _run("train")


def video() -> None:
    """Run `colorize-video`."""
    _run("video")


def _run(command: str) -> None:
    leave_at_once(f"colorize-{command}")
    import_module(f".{command}", __package__).main()
