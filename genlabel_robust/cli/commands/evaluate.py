"""``evaluate``: train, attack, report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genlabel_robust.cli.printing import say, say_json, say_text
from genlabel_robust.threat.threat_model import NORMS, UNITS

if TYPE_CHECKING:
    from genlabel_robust.runs.config.run_config import RunConfig
    from genlabel_robust.runs.evaluate import Run

FORMATS = ("table", "json", "csv", "md")


@click.command()
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    metavar="NAME",
    help="A name of `list datasets`, openml:ID, or FILE.csv#TARGET. Repeatable. "
    "[default: iris, wine, breast-cancer]",
)
@click.option(
    "--strategy",
    "strategies",
    multiple=True,
    metavar="NAME",
    help="A name of `list strategies`. Repeatable. [default: the eight of the paper]",
)
@click.option(
    "--arch",
    "architectures",
    multiple=True,
    metavar="NAME",
    help="A name of `list models`, or sklearn:NAME. Repeatable. [default: mlp]",
)
@click.option(
    "--eps",
    multiple=True,
    metavar="NUMBER",
    help="Budget of the attacker, in --unit; or FROM:TO:COUNT. Repeatable. [default: 0.1]",
)
@click.option("--norm", type=click.Choice(NORMS), help="[default: the suite's first, linf]")
@click.option(
    "--unit",
    type=click.Choice(UNITS),
    help="Unit of --eps: each feature's training range, the one range over all scaled features, "
    "each feature's standard deviation, or raw. [default: range]",
)
@click.option(
    "--whole-numbers",
    type=click.Choice(("whole", "continuous")),
    help="Whether an attacker changes columns of whole numbers by whole numbers only, or by "
    "fractions, too. [default: whole]",
)
@click.option(
    "--suite", metavar="NAME", help="A name of `list suites`, or a TOML file. [default: standard]"
)
@click.option(
    "--attack",
    "attacks",
    multiple=True,
    metavar="NAME",
    help="Run these attacks instead of the suite's. Repeatable.",
)
@click.option(
    "--checks",
    type=click.Choice(("off", "quick", "full")),
    help="How much else is measured to see whether the numbers may be believed. [default: quick]",
)
@click.option(
    "--early-stop",
    is_flag=True,
    default=None,
    help="Cheapest attack first; the others leave out what is broken, and have no rate of their "
    "own.",
)
@click.option(
    "--max-seconds",
    type=float,
    help="Time of one attack on one model; what it has not begun by then is left out, and is no "
    "survival. Results then depend on the machine. [default: no limit]",
)
@click.option(
    "--certify",
    type=click.Choice(("auto", "off", "bounds", "exact")),
    help="How hard to try to prove that rows cannot be broken. auto: decide linear models and "
    "trees, spend little on nets; exact: spend much on all; bounds: compute bounds, and search no "
    "further; off: prove nothing. [default: auto]",
)
@click.option(
    "--certify-seconds",
    type=float,
    help="Time for the proofs of one model; rows not decided by then are left open. Results then "
    "depend on the machine. [default: no limit]",
)
@click.option(
    "--transfer",
    is_flag=True,
    default=None,
    help="At the end try each model's adversarial examples on the others; stored apart.",
)
@click.option("--seeds", type=int, help="Trainings per strategy. [default: 5]")
@click.option("--seed", type=int, help="The first training seed. [default: 0]")
@click.option("--split-seed", type=int, help="Seed of the split. [default: 0]")
@click.option(
    "--split",
    metavar="KIND",
    help="stratified, or paper (not stratified, seed 2021). [default: stratified]",
)
@click.option("--test-share", type=float, help="Share of rows to test on. [default: 0.3]")
@click.option("--test", "test_file", metavar="FILE", help="Test on this file; --dataset trains.")
@click.option("--group", metavar="COLUMN", help="Rows of one group stay on one side of the split.")
@click.option("--drop", multiple=True, metavar="COLUMN", help="Leave a column out. Repeatable.")
@click.option(
    "--category",
    metavar="COLUMN",
    multiple=True,
    help="A column that holds text even if it looks like numbers. Repeatable.",
)
@click.option("--max-examples", type=int, help="Test on a stratified sample of so many rows.")
@click.option(
    "--scaling",
    metavar="KIND",
    help="range, standard, or paper (standard, fitted on all rows). [default: range]",
)
@click.option(
    "--tune",
    is_flag=True,
    default=None,
    help="Choose learning rate, γ and density by cross-validation.",
)
@click.option("--device", metavar="NAME", help="Where torch trains and predicts. [default: cpu]")
@click.option("--jobs", type=int, help="Processes, one thread each. [default: one per core]")
@click.option("--out", metavar="FOLDER", help="The run folder. [default: runs/<hash>]")
@click.option(
    "--config",
    "config_file",
    metavar="FILE.toml",
    help="Settings from a file, over the project's own; variables GENLABEL_ROBUST_<SETTING> and "
    "options win over it.",
)
@click.option(
    "--threat",
    "threat_file",
    metavar="FILE.toml",
    help="ε and what may be changed of each feature, over --config; `threat init` writes one to "
    "start from.",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting by name, such as train.epochs=50, attack.pgd.steps=100, "
    "strategy.mixup.alpha=0.2, architecture.mlp.widths=[64,64], "
    "constraints.immutable=['age']. Repeatable.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print what the run will do, take and be able to detect; write nothing.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="What to print.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress, no notices.")
@click.option("-v", "--verbose", is_flag=True, help="A line for every finished cell.")
def evaluate(form: str, quiet: bool, verbose: bool, dry_run: bool, **given: Any) -> None:
    """Train under every strategy, attack, and print how robust each model is.

    The run folder keeps everything: results.json, results.csv, report.md, figures,
    and per example what was found. A run that was stopped goes on where it stopped.

    \b
    Examples:
      genlabel_robust evaluate --eps 0.1
      genlabel_robust evaluate --dataset mine.csv#label --arch sklearn:random-forest
    """
    from genlabel_robust.cli.name_threat_file import naming
    from genlabel_robust.cli.progress import reporting
    from genlabel_robust.runs.config.resolve import resolve

    config, sources = resolve(given)
    if dry_run:
        with naming(given["threat_file"], sources):
            _plan(config, form, quiet=quiet)
        return
    from genlabel_robust.runs.evaluate import evaluate as evaluate_run

    threat_named = naming(given["threat_file"], sources)
    with threat_named, reporting(quiet=quiet, verbose=verbose) as on_progress:
        run = evaluate_run(config, sources=sources, on_progress=on_progress)
    from genlabel_robust.reports.write import write_reports

    write_reports(run.path)
    print_run(run, form, quiet=quiet)


def _plan(config: RunConfig, form: str, *, quiet: bool) -> None:
    if form not in ("table", "json"):
        raise click.UsageError(f"--dry-run prints a table or json; --format is {form!r}")
    from genlabel_robust.core.files.writing import json_text
    from genlabel_robust.reports.text.forecast import forecast_text
    from genlabel_robust.runs.forecast.forecast import forecast
    from genlabel_robust.runs.plan.plan import make_plan
    from genlabel_robust.runs.plan.workable import refuse_unworkable

    plan = make_plan(config)
    refuse_unworkable(plan)
    found = forecast(plan)
    if not quiet:
        _notices({sample.name: sample.notices for sample in found.datasets})
    if form == "json":
        say_json(json_text(found.as_dict()))
    else:
        say_text(forecast_text(found))


def _notices(of: Mapping[str, Sequence[str]]) -> None:
    """Print what a reader must know of each data set."""
    for name, notices in of.items():
        for notice in notices:
            say(f"{name}: {notice}", err=True)


def print_run(run: Run, form: str, *, quiet: bool) -> None:
    """Print the results of a finished run as ``form``, and its notices and place on stderr."""
    if not quiet:
        _notices({name: about["notices"] for name, about in run.results["datasets"].items()})
    _print(run.results, run.path, form)
    if not quiet:
        say(f"results: {run.path}", err=True)


def _print(results: Any, path: Path, form: str) -> None:
    from genlabel_robust.core.files.opening import file_text
    from genlabel_robust.core.plain_text import plain_values

    if form == "table":
        from rich.console import Console

        from genlabel_robust.reports.text.terminal import least_width, terminal_report

        # Rich leaves escape sequences of a name as they are
        results = plain_values(results)
        console = Console()
        report = terminal_report(results, width=console.width)
        console.width = max(console.width, least_width(*report.renderables))
        console.print(report)
        return
    name = {"json": "results.json", "csv": "results.csv", "md": "report.md"}[form]
    (say_json if form == "json" else say_text)(file_text(path / name))
