"""A hook of mkdocs: the page of commands gets what ``--help`` of each command prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from genlabel_robust.cli.main import PROGRAM, commands

_PAGE = "reference/commands.md"


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Return the text of a page, that of commands with all of their helps."""
    return f"{markdown}\n{reference()}" if page.file.src_uri == _PAGE else markdown


def reference() -> str:
    """Return a section for each command: its name, and its help as it is printed."""
    return "\n".join(
        f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"
        for context in _contexts(commands, PROGRAM)
    )


def _contexts(
    command: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[click.Context]:
    """Yield a command and all that is below it."""
    settings = {**command.context_settings, "terminal_width": 80}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    yield context
    if isinstance(command, click.Group):
        for one in sorted(command.commands):
            yield from _contexts(command.commands[one], one, context)
