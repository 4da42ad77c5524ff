"""The one place where commands print: what is quoted moves no cursor, and is no command of CI."""

from pathlib import Path

import click

from genlabel_robust.core.text.plain_text import plain_json, plain_line, plain_lines


def say(line: str, *, err: bool = False) -> None:
    """Print one line, whatever it quotes; ``err``: on stderr."""
    click.echo(plain_line(line), err=err)


def say_text(text: str, *, err: bool = False) -> None:
    """Print a text of our own lines, such as Markdown or CSV, as it is but for what it quotes."""
    click.echo(plain_lines(text), nl=False, err=err)


def say_json(text: str) -> None:
    """Print JSON; what is not printed in it is escaped."""
    click.echo(plain_json(text), nl=False)


def command_of_ci(line: str) -> None:
    """Print a command of GitHub's runner, made and escaped by ``gates.outputs.github``."""
    click.echo(line)


def open_in_browser(path: Path) -> None:
    """Show the file ``path`` in the user's browser."""
    import webbrowser

    webbrowser.open(path.resolve().as_uri())
