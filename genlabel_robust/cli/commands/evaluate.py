"""``evaluate``: train, attack, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genlabel_robust.cli.naming_parts import PARTS, admit, with_parts
from genlabel_robust.cli.printing import say, say_json, say_text
from genlabel_robust.cli.setting_options import SOURCES, WithSettings, setting_options

if TYPE_CHECKING:
    from genlabel_robust.runs.config.run_config import RunConfig
    from genlabel_robust.runs.evaluate import Run
    from genlabel_robust.runs.execute.schedule import Progress
    from genlabel_robust.runs.forecast.forecast import Forecast

FORMATS = ("table", "json", "csv", "md")


@click.command(cls=WithSettings, made=lambda: [*setting_options("evaluate"), *SOURCES, PARTS])
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print what the run will do, how long it will take and what it can detect. Write nothing.",
)
@click.option(
    "--shard",
    metavar="K/N",
    help=(
        "Compute only part K of N, in a folder that several hosts share. Afterwards, the same "
        "command without --shard puts the results together."
    ),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="Format of the output.",
)
@click.option("-q", "--quiet", is_flag=True, help="Show no progress and no notices.")
@click.option("-v", "--verbose", is_flag=True, help="Print a line for every finished cell.")
def evaluate(
    form: str, quiet: bool, verbose: bool, dry_run: bool, shard: str | None, **options: Any
) -> None:
    """Train under every strategy, attack, and print how robust each model is.

    The run folder keeps everything: results.json, results.csv, report.md, figures,
    and the results of each example. A run that was stopped continues where it stopped.

    \b
    Examples:
      genlabel-robust evaluate --eps 0.1
      genlabel-robust evaluate --dataset mine.csv#label --arch sklearn:random-forest
    """
    from genlabel_robust.cli.name_threat_file import naming
    from genlabel_robust.cli.progress import reporting
    from genlabel_robust.runs.config.resolve import resolve
    from genlabel_robust.runs.execute.early import begin_imports_of_run

    admit(options.pop("parts"))
    config, sources = resolve(options)
    config = with_parts(config, sources)
    if shard is not None and (dry_run or form != "table"):
        raise click.UsageError(
            "--shard computes only a part and has no results; leave out --dry-run and --format"
        )
    if dry_run:
        with naming(options["threat_file"], sources):
            _plan(config, form, quiet=quiet)
        return
    begin_imports_of_run(config)
    threat_named = naming(options["threat_file"], sources)
    if shard is not None:
        with threat_named, reporting(quiet=quiet, verbose=verbose) as on_progress:
            _shard(shard, config, sources, on_progress)
        return
    from genlabel_robust.runs.evaluate import evaluate as evaluate_run

    with threat_named, reporting(quiet=quiet, verbose=verbose) as on_progress:
        run = evaluate_run(config, sources=sources, on_progress=on_progress)
    from genlabel_robust.reports.write import write_reports

    write_reports(run.path)
    print_run(run, form, quiet=quiet)


def _shard(
    text: str,
    config: RunConfig,
    sources: Mapping[str, str],
    on_progress: Callable[[Progress], None],
) -> None:
    from genlabel_robust.core import plural
    from genlabel_robust.runs.execute.shard import Shard, evaluate_shard

    end = evaluate_shard(config, Shard.of(text), sources=sources, on_progress=on_progress)
    say(
        f"shard {text}: its {plural(end.cells, 'cell')} are in {end.path}; {end.finished:,} of the "
        f"run's {end.total:,} cells are finished. When all are finished, give the command without "
        "--shard."
    )


def _plan(config: RunConfig, form: str, *, quiet: bool) -> None:
    refuse_forecast_as(form)
    from genlabel_robust.core.parallel import on_cluster
    from genlabel_robust.runs.forecast.forecast import forecast
    from genlabel_robust.runs.plan.recipe_plan import make_plan
    from genlabel_robust.runs.plan.workable import refuse_unworkable

    plan = make_plan(config)
    refuse_unworkable(plan)
    with on_cluster(config.cluster):
        found = forecast(plan)
    print_forecast(found, form, quiet=quiet)


def refuse_forecast_as(form: str) -> None:
    """Raise a ``UsageError`` for a form that ``--dry-run`` does not print."""
    if form not in ("table", "json"):
        raise click.UsageError(f"--dry-run can print only table or json; --format is {form!r}")


def print_forecast(found: Forecast, form: str, *, quiet: bool) -> None:
    """Print what a run will do as ``form``, and its notices on stderr."""
    from genlabel_robust.core.files.writing import json_text
    from genlabel_robust.reports.text.forecast import forecast_text

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
    """Print the results of a finished run as ``form``, after its notices and place on stderr."""
    if not quiet:
        _notices({name: about.notices for name, about in run.results.datasets.items()})
    if not quiet:
        say(f"results: {run.path}", err=True)
    # the answer is the last line
    _print(run.results, run.path, form)


def _print(results: Any, path: Path, form: str) -> None:
    from genlabel_robust.core.files.opening import file_text
    from genlabel_robust.core.text.plain_text import plain_values

    if form == "table":
        from rich.console import Console

        from genlabel_robust.reports.text.fitting import least_width
        from genlabel_robust.reports.text.terminal import terminal_report

        # Rich leaves escape sequences of a name as they are
        results = plain_values(results)
        console = Console()
        report = terminal_report(results, width=console.width)
        console.width = max(console.width, least_width(*report.renderables))
        console.print(report)
        return
    name = {"json": "results.json", "csv": "results.csv", "md": "report.md"}[form]
    (say_json if form == "json" else say_text)(file_text(path / name))
