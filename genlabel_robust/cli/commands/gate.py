"""``gate``: whether robustness got worse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genlabel_robust.cli.commands.audit import ORDERS
from genlabel_robust.cli.naming_parts import PARTS, admit
from genlabel_robust.cli.printing import command_of_ci, say_json, say_text
from genlabel_robust.cli.setting_options import ASSIGNMENTS, WithSettings, setting_options

if TYPE_CHECKING:
    from genlabel_robust.gates.verdicts.verdict import GateResult

FORMATS = ("text", "github", "json", "md")

_OWN: list[click.Parameter] = [
    click.Argument(["run"], required=False, type=click.Path(path_type=Path)),
    click.Option(
        ["--baseline"],
        type=click.Path(path_type=Path),
        metavar="BASELINE",
        help="The file or folder that `baseline save` wrote.",
    ),
    click.Option(
        ["--model"],
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=(
            "Judge this file: weights of the baseline's architecture, or, if the baseline is an "
            "audit, any model file."
        ),
    ),
    click.Option(
        ["--endpoint", "endpoints"],
        multiple=True,
        metavar="NAME",
        help="What to judge; see `baseline save`. Repeatable. [default: the baseline's]",
    ),
    click.Option(
        ["--mode"],
        type=click.Choice(("checkpoint", "recipe")),
        help=(
            "Compare one model with another (checkpoint), or trainings with trainings (recipe). "
            "[default: recipe with five or more seeds each, checkpoint with one]"
        ),
    ),
    click.Option(
        ["--max-drop"],
        type=float,
        default=0.02,
        show_default=True,
        help="Largest drop allowed, as a fraction; for a median margin, as a share of the margin.",
    ),
    click.Option(
        ["--min-robust"],
        type=float,
        help="Also fail if a robust accuracy is below this, by its interval.",
    ),
    click.Option(
        ["--inconclusive"],
        type=click.Choice(("fail", "warn", "pass")),
        default="fail",
        show_default=True,
        help="What to do if an endpoint is inconclusive.",
    ),
    click.Option(
        ["--bridge"],
        is_flag=True,
        help="If only the suite changed: attack the baseline's models again with the new suite.",
    ),
    click.Option(
        ["--column-order"],
        type=click.Choice(ORDERS),
        help="With --model, as in `audit`. [default: the baseline's]",
    ),
    click.Option(
        ["--trust"],
        is_flag=True,
        help="Read audited models even if their loader can execute code.",
    ),
    click.Option(
        ["--out"],
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="The folder for a run that the gate makes; new or empty. [default: runs/gate-<time>]",
    ),
    click.Option(
        ["--report"],
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="Folder for gate.json, gate.md and junit.xml. [default: RUN/gate]",
    ),
    click.Option(
        ["--format", "form"],
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="Format of the output; github also writes the job's summary.",
    ),
    click.Option(["-q", "--quiet"], is_flag=True, help="No progress."),
    click.Option(["-v", "--verbose"], is_flag=True, help="Print a line for every finished cell."),
]


@click.command(cls=WithSettings, made=lambda: [*_OWN, *setting_options("gate"), ASSIGNMENTS, PARTS])
def gate(form: str, **options: Any) -> None:
    """Judge whether robustness got worse than BASELINE by more than is allowed.

    RUN is a finished run folder. Without it, `gate` runs the baseline's evaluation again; the
    options of `evaluate` change its settings, and their defaults are the baseline's. With
    --model, it attacks that model in the same way.

    \b
    Examples:
      genlabel-robust baseline save runs/nightly --out baseline.zip
      genlabel-robust gate runs/tonight --baseline baseline.zip --max-drop 0.01
      genlabel-robust gate --baseline baseline.zip --model model.safetensors
    """
    with _answerable(form):
        from genlabel_robust.cli.gate_request import GateRequest

        admit(options.pop("parts"))
        result = GateRequest.of(options).judge()
    _print(result, form)
    raise click.exceptions.Exit(result.exit_code)


@contextmanager
def _answerable(form: str) -> Iterator[None]:
    """Take data without rows for what they are to a gate, and tell GitHub of every error."""
    from genlabel_robust.core import EmptyDataError, GenlabelRobustError, UnfinishedRunError
    from genlabel_robust.gates.outputs.github import write_error

    try:
        try:
            yield
        except EmptyDataError as error:
            raise UnfinishedRunError(f"there is nothing to evaluate: {error}") from error
    except GenlabelRobustError as error:
        if form == "github":
            command_of_ci(write_error(str(error), error.exit_code, os.environ))
        raise


def _print(result: GateResult, form: str) -> None:
    from genlabel_robust.core.files.writing import json_text
    from genlabel_robust.gates.outputs.github import workflow_commands, write_github
    from genlabel_robust.gates.outputs.markdown import markdown
    from genlabel_robust.gates.outputs.write import text

    if form == "json":
        say_json(json_text(result.as_dict()))
    elif form == "md":
        say_text(markdown(result))
    else:
        say_text(text(result))
    if form == "github":
        for line in workflow_commands(result):
            command_of_ci(line)
        write_github(result, os.environ)
