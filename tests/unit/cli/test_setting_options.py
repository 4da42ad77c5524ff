from __future__ import annotations

import click
import pytest

from genlabel_robust.cli.setting_options import setting_options
from genlabel_robust.runs.config import settings
from genlabel_robust.runs.config.setting import Setting


def options(monkeypatch: pytest.MonkeyPatch, **declared: Setting) -> dict[str | None, click.Option]:
    monkeypatch.setattr(settings, "SETTINGS", declared)
    made = [option for option in setting_options("evaluate") if isinstance(option, click.Option)]
    return {option.name: option for option in made}


def test_an_option_is_what_its_setting_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    made = options(
        monkeypatch,
        most_rows=Setting(3, "whole number", "At most so many."),
        colours=Setting(("red", "blue"), "names", "A colour.", option="colour", metavar="NAME"),
        level=Setting(None, "text", "A level.", choices=("a", "b"), default_text="none"),
        fast=Setting(False, "true or false", "Faster."),
        limits=Setting({}, "limits", "A table."),
        elsewhere=Setting(1, "number", "Not here.", ("audit",)),
    )
    assert list(made) == ["most_rows", "colours", "level", "fast"]
    assert [option.opts for option in made.values()] == [
        ["--most-rows"],
        ["--colour"],
        ["--level"],
        ["--fast"],
    ]
    assert [option.help for option in made.values()] == [
        "At most so many. [default: 3]",
        "A colour. Repeatable. [default: red, blue]",
        "A level. [default: none]",
        "Faster.",
    ]
    command = click.Command("gate", params=[*made.values()])
    with command.make_context("gate", ["--most-rows", "2", "--colour", "x", "--colour", "y"]) as c:
        assert c.params == {"most_rows": 2, "colours": ("x", "y"), "level": None, "fast": None}
    with command.make_context("gate", ["--level", "b", "--fast"]) as context:
        assert (context.params["level"], context.params["fast"]) == ("b", True)
    with pytest.raises(click.BadParameter, match="'c' is not one of 'a', 'b'"):
        command.make_context("gate", ["--level", "c"])


def test_help_of_a_gate_states_no_default_that_its_baseline_replaces() -> None:
    made = {
        option.name: option.help or ""
        for option in setting_options("gate")
        if isinstance(option, click.Option)
    }
    assert "[default" not in made["seeds"] + made["datasets"]
    assert "[default" in made["jobs"]
