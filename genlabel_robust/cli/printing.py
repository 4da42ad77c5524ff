"""Printing for all commands; quoted text cannot move the cursor or act as a CI command."""

from pathlib import Path

import click

from genlabel_robust.core.text.plain_text import plain_json, plain_line, plain_lines


def say(line: str, *, err: bool = False) -> None:
    """Print one line, with control characters escaped; ``err``: on stderr."""
    click.echo(plain_line(line), err=err)


def say_text(text: str, *, err: bool = False) -> None:
    """Print several lines, such as Markdown or CSV, with control characters escaped."""
    click.echo(plain_lines(text), nl=False, err=err)


def say_json(text: str) -> None:
    """Print JSON, with unprintable characters escaped."""
    click.echo(plain_json(text), nl=False)


def command_of_ci(line: str) -> None:
    """Print a GitHub workflow command that ``gates.outputs.github`` built and escaped."""
    click.echo(line)


def open_in_browser(path: Path) -> None:
    """Open the file ``path`` in the user's browser."""
    import webbrowser

    webbrowser.open(path.resolve().as_uri())
