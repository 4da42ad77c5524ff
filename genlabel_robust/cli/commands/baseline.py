"""``baseline``: what later runs are compared with."""

from collections.abc import Sequence
from pathlib import Path

import click

from genlabel_robust.cli.printing import say, say_text

_ENDPOINT = click.option(
    "--endpoint",
    "endpoints",
    multiple=True,
    metavar="NAME",
    help=(
        "What gates judge: robust, clean or margin, then @EPS (for robust) and "
        ":DATASET/STRATEGY/ARCHITECTURE if the run has several, then ' where COLUMN=GROUP' for a "
        "group of --by. Repeatable. [default: robust, if there is only one]"
    ),
)
_RUN = click.argument("run", type=click.Path(path_type=Path))


@click.group()
def baseline() -> None:
    """Keep a run, so that `gate` can compare later ones with it."""


@baseline.command()
@_RUN
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="BASELINE",
    help="A folder, or a file that ends in .zip.",
)
@_ENDPOINT
def save(run: Path, out: Path, endpoints: tuple[str, ...]) -> None:
    """Save the finished RUN: results per example, adversarial examples, weights."""
    from genlabel_robust.gates.baselines.baseline import save_baseline

    about = save_baseline(run, out, endpoints)
    _say_saved(out, about.endpoints)


@baseline.command()
@click.argument("path", metavar="BASELINE", type=click.Path(path_type=Path))
def show(path: Path) -> None:
    """Print what a baseline contains: endpoints, figures, history."""
    from genlabel_robust.gates.baselines.baseline import read_baseline
    from genlabel_robust.gates.baselines.text import baseline_text
    from genlabel_robust.reports.words.threat import whole_threat

    with read_baseline(path) as found:
        say_text(baseline_text(found, whole_threat))


@baseline.command()
@click.argument("path", metavar="BASELINE", type=click.Path(path_type=Path))
@_RUN
@click.option("--reason", required=True, help="Why you accept the change; stored in the baseline.")
@_ENDPOINT
def update(path: Path, run: Path, reason: str, endpoints: tuple[str, ...]) -> None:
    """Replace BASELINE with the finished RUN, and store the reason."""
    from genlabel_robust.gates.baselines.baseline import update_baseline

    about = update_baseline(path, run, reason, endpoints)
    _say_saved(path, about.endpoints)


def _say_saved(path: Path, endpoints: Sequence[str]) -> None:
    """Say what was saved, and on stderr which drop its rows can decide about."""
    from genlabel_robust.gates.baselines.baseline import read_baseline
    from genlabel_robust.gates.baselines.least_drop import least_drop

    say(f"{path}: {', '.join(endpoints)}")
    with read_baseline(path) as found:
        advice = least_drop(found)
    if advice is not None:
        say(advice, err=True)
