"""``examples``: the adversarial examples of a finished run, as a table to take away."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import click

from genlabel_robust.cli.printing import say

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".csv", ".parquet")


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="File to write, .csv or .parquet.",
)
@click.option("--dataset", metavar="NAME", help="The data set, if the run has several.")
@click.option(
    "--every",
    is_flag=True,
    help="Write a row for each attack that broke a test row. [default: only the nearest example]",
)
@click.option(
    "--sparse",
    is_flag=True,
    help="Undo every change that is not needed, one column at a time.",
)
@click.option(
    "--trust",
    is_flag=True,
    help="Read the model of an audit even if its loader can execute code.",
)
def examples(
    run: Path, out: Path, dataset: str | None, every: bool, sparse: bool, trust: bool
) -> None:
    """Write the rows that misled the models of the finished RUN, in the table's own columns.

    The file has one row for each test row that was broken, the weakest first. The table's own
    columns contain the adversarial row, so that a model can read the file as it is. Columns that
    begin with "before." contain the untouched row. Columns that begin with "example." contain its
    number in the data, its class, the attack, the distance in the unit of ε, the columns that
    changed, and the model's answers before and after.
    """
    from genlabel_robust.core import plural
    from genlabel_robust.runs.folder.frames.adversarial_rows import adversarial_rows
    from genlabel_robust.runs.folder.stored_run import read_run

    if out.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"--out is {str(out)!r}; its ending must be {' or '.join(ENDINGS)}")
    found = adversarial_rows(read_run(run), dataset, every=every, sparse=sparse, trust=trust)
    _write(found, out)
    say(f"{out}: {plural(len(found), 'adversarial row')}", err=True)


def _write(found: pd.DataFrame, out: Path) -> None:
    from genlabel_robust.core import OutputError
    from genlabel_robust.core.files.writing import write_bytes

    buffer = io.BytesIO()
    if out.suffix.lower() == ".csv":
        found.to_csv(buffer, index=False, lineterminator="\n")
    else:
        try:
            found.to_parquet(buffer, index=False, engine="pyarrow")
        except ImportError as error:
            raise OutputError(
                f"{out} needs pyarrow; install it: pip install 'genlabel-robust[parquet]', or give "
                "a .csv"
            ) from error
    try:
        write_bytes(out, buffer.getvalue())
    except OSError as error:
        raise OutputError(f"cannot write {out}: {error.strerror}; give --out FILE") from error
