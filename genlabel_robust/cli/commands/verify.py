"""``verify``: every claim of a finished run, computed again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from genlabel_robust.cli.naming_parts import PART, admit
from genlabel_robust.cli.printing import say

if TYPE_CHECKING:
    from genlabel_robust.runs.folder.bundle import BundleNote
    from genlabel_robust.verify.verification import Verification

#: Seconds without a bar: what is over by then needs none.
_PATIENCE = 2.0
_OTHER = "does not match what was computed again"


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--reattack",
    type=float,
    default=0.05,
    show_default=True,
    metavar="SHARE",
    help="Share of the rows called robust to attack again, of each model at least 20, or enough to "
    "find a tenth of its broken rows with a probability of 99 %; 0 for none.",
)
@click.option(
    "--data",
    metavar="FILE",
    help=(
        "Your copy of the run's data, if it is no longer at the same path: the rows of an audit, "
        "or the table that was split."
    ),
)
@click.option("--reference", metavar="FILE", help="Your copy of an audit's --reference.")
@click.option("--digest", metavar="SHA256", help="The SHA-256 that SHA256SUMS must have.")
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Seed that chooses the rows to attack again, and of the new attacks.",
)
@click.option(
    "--trust",
    is_flag=True,
    help="Read the model of an audit even if its loader can execute code.",
)
@click.option(
    "--jobs",
    type=int,
    help="Number of processes, each with one thread. [default: 1, or as many as the cluster has]",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Compute on the workers of the dask scheduler at tcp://HOST:PORT.",
)
@click.option(
    "-q", "--quiet", is_flag=True, help="Show no progress; differences are still printed."
)
@PART
def verify(
    run: Path,
    reattack: float,
    data: str | None,
    reference: str | None,
    digest: str | None,
    seed: int,
    trust: bool,
    jobs: int | None,
    cluster: str | None,
    quiet: bool,
    parts: tuple[str, ...],
) -> None:
    """Compute every claim of the finished run in RUN again, and print what differs.

    RUN is the folder of a run, a bundle's zip, or a baseline.

    Only the model files, the stored adversarial examples and the data are trusted; the data
    are read again as the run's configuration says. Nothing in the folder is executed. The
    reports and figures are rendered again and compared. Paths of data are relative: start
    `verify` in the folder where the run was started, or name your copies with --data and
    --reference.

    Exit codes: 0 nothing differs; 1 something differs; 2 RUN is no run, or its data cannot be
    found, or a file is not its data; 3 the run has not ended, or RUN is a bundle that lacks what
    most claims are computed from, and nothing that could be checked differs.
    """
    from genlabel_robust.core import plural
    from genlabel_robust.core.parallel import on_cluster
    from genlabel_robust.reports.write import render
    from genlabel_robust.verify.data_files import Elsewhere
    from genlabel_robust.verify.verify import verify_run

    admit(parts)
    if jobs is None and cluster is None:
        jobs = 1
    with ExitStack() as stack:
        stack.enter_context(on_cluster(cluster))
        found = verify_run(
            run,
            render=render,
            digest=digest,
            reattack=reattack,
            seed=seed,
            trust=trust,
            jobs=jobs,
            elsewhere=Elsewhere(data, reference),
            on_step=_progress(stack, quiet=quiet),
        )
    for finding in found.findings:
        say(str(finding))
    if found.bundle is not None:
        _of_bundle(run, found, found.bundle)
    elif found.findings:
        _not_holding(run, found)
    else:
        say(
            f"Nothing differs: {plural(found.cells, 'cell')}, {found.rows} predictions and "
            f"{found.examples} adversarial examples were computed again, and from them the "
            "results, the pages and the figures."
        )
    _sum_up(found)
    if found.findings:
        raise click.exceptions.Exit(1)


def _of_bundle(run: Path, found: Verification, note: BundleNote) -> None:
    """Say what was checked of a bundle; if all of that holds, the run is still not verified."""
    from genlabel_robust.core import plural

    say(f"{run} is a bundle of {note.whose}, without {note.lacks}.")
    if found.findings:
        say(f"It {_OTHER}: {plural(len(found.findings), 'difference')}.")
    if found.agreeing:
        say(f"Checked, and nothing differs: {', '.join(found.agreeing)}.")
    for sentence in found.read:
        say(sentence)
    say(f"Everything else could not be checked without {note.lacks}; {note.options}.")
    say(f"SHA-256 of results.json: {found.results}")
    raise click.exceptions.Exit(1 if found.findings else 3)


def _not_holding(run: Path, found: Verification) -> None:
    from genlabel_robust.core import plural

    say(f"{run} {_OTHER}: {plural(len(found.findings), 'difference')}.")
    if found.odd is not None:
        say(found.odd)
    if found.agreeing:
        say(f"Nothing differs in: {', '.join(found.agreeing)}.")


def _progress(stack: ExitStack, *, quiet: bool) -> Callable[[int, int, str], None]:
    """Return what shows a bar on a terminal, once it has taken long."""
    import sys

    from genlabel_robust.cli.progress import bar

    started = time.monotonic()
    updates: list[Callable[[int, int, str], None]] = []

    def step(done: int, total: int, name: str) -> None:
        if quiet or not sys.stderr.isatty() or time.monotonic() - started < _PATIENCE:
            return
        if not updates:
            updates.append(stack.enter_context(bar("verified")))
        updates[0](done, total, name)

    return step


def _sum_up(found: Verification) -> None:
    for sentence in (*found.read, *found.loosely):
        say(sentence)
    if found.unread:
        say(f"Not computed again: {_some(found.unread)}. Only SHA256SUMS protects these bytes.")
    if found.foreign:
        say(f"Files that no run writes, not checked: {_some(found.foreign)}.")
    if found.attacked:
        say(f"Attacked again: {found.attacked} of {found.robust} rows called robust.")
    if found.missed:
        chance = 1 - max(found.missed)
        say(
            "If a tenth of a model's broken rows had been stored as robust, this would have "
            f"attacked at least one of them again {chance_words(chance)}."
        )
    if found.confirmed:
        counts = "; ".join(f"{one.method}, {one.agreed} of {one.asked}" for one in found.confirmed)
        open_ = sum(one.asked - one.agreed for one in found.confirmed)
        left = (
            f" The work of the method is limited and left {open_} undecided; none was refuted."
            if open_
            else ""
        )
        say(f"Proofs confirmed by another method: {counts}.{left}")
    if found.by_chance:
        say(
            f"Under a new seed the attacks broke {len(found.by_chance)} of these rows after all "
            f"({_some(found.by_chance, '; ')}). This contradicts nothing that is stored, but the "
            "attacks have not converged."
        )
    if found.model is not None:
        say(f"SHA-256 of the model file: {found.model}; compare it with that of your own copy")
    if found.results is not None:
        say(f"SHA-256 of results.json: {found.results}")
    if found.digest is not None:
        say(f"SHA-256 of SHA256SUMS, the run's digest: {found.digest}")


def _some(names: Sequence[str], mark: str = ", ") -> str:
    """Return the first five of ``names``."""
    return mark.join([*names[:5], *(["..."] if len(names) > 5 else [])])


def chance_words(chance: float) -> str:
    """Say how probable something is at least, with four digits, rounded down."""
    if chance >= 1.0:
        return "for certain"
    return f"with a probability of at least {int(chance * 10_000) / 10_000:.4g}"
