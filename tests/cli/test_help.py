"""``--help`` lists options under headings, and shell completion works."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click
import pytest

from genlabel_robust.cli import main, option_groups, site
from genlabel_robust.cli.main import commands
from genlabel_robust.cli.setting_options import WithSettings

if TYPE_CHECKING:
    from tests.cli.conftest import Call

SETTABLE = sorted(n for n, c in commands.commands.items() if isinstance(c, WithSettings))


@pytest.mark.parametrize("name", SETTABLE)
def test_every_option_of_a_command_with_settings_has_a_heading(
    name: str, call: Callable[..., Call]
) -> None:
    command = commands.commands[name]
    options = [o for o in command.get_params(click.Context(command)) if isinstance(o, click.Option)]
    listed = {name for names in option_groups.GROUPS.values() for name in names}
    assert {option.name for option in options if "--help" not in option.opts} <= listed
    shown = call(name, "--help").stdout
    assert shown.startswith(f"Usage: genlabel-robust {name} ")
    assert "\nWhat is judged:\n  MODEL" not in shown
    for option in options:
        assert option.opts[0] in shown


def test_no_heading_names_an_option_that_no_command_has() -> None:
    had = {
        option.name
        for name in SETTABLE
        for option in commands.commands[name].get_params(click.Context(commands.commands[name]))
    }
    assert {name for names in option_groups.GROUPS.values() for name in names} <= had


def test_the_list_of_commands_says_how_else_it_is_called(call: Callable[..., Call]) -> None:
    shown = call("--help").stdout
    assert shown.startswith("Usage: genlabel-robust [OPTIONS] COMMAND")
    assert shown.rstrip().endswith("python -m genlabel_robust is the same command.")


def test_help_points_at_the_site_once_it_has_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert site.pointer("start/gate/") == ""
    monkeypatch.setattr(site, "SITE", "https://example.org/docs/")
    assert site.pointer("start/gate/") == "See https://example.org/docs/start/gate/."


@pytest.mark.parametrize(
    ("words", "completed"),
    [("ev", "evaluate"), ("evaluate --ce", "--certify"), ("audit --norm l", "linf")],
)
def test_a_shell_completes_commands_options_and_choices(words: str, completed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "genlabel_robust"],
        env={
            **os.environ,
            "_GENLABEL_ROBUST_COMPLETE": "bash_complete",
            "COMP_WORDS": f"{main.PROGRAM} {words}",
            "COMP_CWORD": str(len(words.split())),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"plain,{completed}" in done.stdout.splitlines()
