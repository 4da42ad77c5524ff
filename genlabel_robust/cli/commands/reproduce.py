"""``reproduce``: the paper's numbers, measured again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from genlabel_robust.cli.printing import say, say_text
from genlabel_robust.cli.setting_options import WithSettings, setting_options
from genlabel_robust.paper import PARTS


@click.command(cls=WithSettings, made=lambda: setting_options("reproduce"))
@click.argument("parts", nargs=-1, metavar="[PART]...")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/genlabel-2022"),
    show_default=True,
    metavar="FOLDER",
    help="The run folder.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the first trial.")
@click.option(
    "--trials",
    type=int,
    help="Number of trials for each cell of the tables. [default: 5, as in the paper]",
)
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    metavar="NAME",
    help="Measure the tables on these data sets instead. Repeatable.",
)
@click.option(
    "--choose-by",
    type=click.Choice(("exact", "attack")),
    help=(
        "What chooses hyper-parameters for robustness on the folds: the exact robust accuracy, or "
        "the published attack, which takes hours. [default: exact]"
    ),
)
@click.option("--alpha", type=float, help="Theorem: λ ~ Beta(α, α). [default: 1]")
@click.option(
    "--sigma",
    type=float,
    help="Theorem: standard deviation of the Gaussian classes. [default: 0.3]",
)
@click.option(
    "--weight-norm",
    "norms",
    multiple=True,
    type=float,
    help="Theorem: norm of the weights. Repeatable. [default: 1, 2, 5]",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("-v", "--verbose", is_flag=True, help="Print a line for every finished part.")
def reproduce(
    parts: tuple[str, ...], out: Path, seed: int, quiet: bool, verbose: bool, **options: Any
) -> None:
    """Measure the paper's tables and figures again, beside what was published.

    PART is accuracy, robustness, linear3, toy, margin or theorem; without one, all of them.
    Data sets come from the folder GENLABEL_ROBUST_OPENML_DIR, or from OpenML. The folder gets
    results.json, report.md and figures; what it already contains is not measured again.
    """
    from genlabel_robust.core.parallel import on_cluster
    from genlabel_robust.paper.reproduce import report
    from genlabel_robust.paper.reproduce import reproduce as run

    for name in parts:
        PARTS.describe(name)
    cluster = options.pop("cluster")
    settings = {name: value for name, value in options.items() if value not in (None, ())}
    with on_cluster(cluster), _reporting(quiet=quiet, verbose=verbose) as on_progress:
        results = run(out, parts, seed=seed, on_progress=on_progress, **settings)
    say_text(report(results))
    if not quiet:
        say(f"results: {out}", err=True)


@contextmanager
def _reporting(
    *, quiet: bool, verbose: bool
) -> Iterator[Callable[[str, str, int, int], None] | None]:
    """Yield what to call as things end: a bar per part on a terminal, or lines."""
    if verbose:
        yield lambda part, label, done, total: say(f"{part} [{done}/{total}] {label}", err=True)
    elif quiet or not sys.stderr.isatty():
        yield None
    else:
        from genlabel_robust.cli.progress import bar

        with bar("parts") as show:
            yield lambda part, label, done, total: show(done, total, f"{part}: {label}")
