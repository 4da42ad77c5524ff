"""``threat``: files that say what an attacker may change."""

from pathlib import Path

import click

from genlabel_robust.cli.printing import say


@click.group()
def threat() -> None:
    """Write files that say what an attacker may change, for --threat."""


@threat.command()
@click.option(
    "--data",
    required=True,
    metavar="NAME",
    help=(
        "FILE.csv#TARGET, or another data set as for `evaluate --dataset`; with --target, FILE.csv "
        "or FILE.parquet."
    ),
)
@click.option(
    "--target",
    metavar="COLUMN",
    help=(
        "The column of labels in --data, as for `audit`; then the draft keeps categories and "
        "missing values."
    ),
)
@click.option(
    "--reference",
    metavar="FILE",
    help=(
        "With --target: the rows that give the ranges, as for `audit`. The draft is made from them."
    ),
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("threat.toml"),
    show_default=True,
    metavar="FILE",
    help="File to write; it must not exist.",
)
@click.option(
    "--drop",
    multiple=True,
    metavar="COLUMN",
    help="Leave this column out, as in the run. Repeatable.",
)
@click.option(
    "--category",
    multiple=True,
    metavar="COLUMN",
    help="Read this column as text even if it looks like numbers, as in the run. Repeatable.",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="COLUMN",
    help=(
        "Keep this column as a feature even if it looks like an identifier, as in the run. "
        "Repeatable."
    ),
)
@click.option("--group", metavar="COLUMN", help="The run's --group; this column is not a feature.")
@click.option(
    "--relations",
    is_flag=True,
    help="Propose relations between columns that hold on all rows: sums, whole multiples, tables "
    "of one column by another, orders.",
)
def init(
    data: str,
    target: str | None,
    reference: str | None,
    out: Path,
    drop: tuple[str, ...],
    category: tuple[str, ...],
    keep: tuple[str, ...],
    group: str | None,
    relations: bool,
) -> None:
    """Write a commented threat file to start from.

    Columns that never change become immutable, and columns of whole numbers integer. Columns of
    0 and 1 of which exactly one is 1 become groups of categories. Ranges and deviations are in
    comments. With --target, columns of text stay as they are, and comments say how to let an
    attacker change them, or remove values. With --relations, the file proposes relations between
    columns.
    """
    from genlabel_robust.core import ConfigurationError, OutputError
    from genlabel_robust.core.files.writing import write_new

    if target is None:
        if reference is not None:
            raise ConfigurationError(
                "--reference is for a draft for audit; add --target, or leave --reference out, "
                "since evaluate splits --data itself"
            )
        text = _of_table(data, drop, category, keep, group, relations=relations)
    else:
        text = _of_rows(data, reference, target, drop, category, group, relations=relations)
    try:
        written = write_new(out, text.encode())
    except OSError as error:
        raise OutputError(f"cannot write {out}: {error.strerror}") from error
    if not written:  # what is there is somebody's work
        raise OutputError(f"{out} exists already; choose another file with --out")
    say(f"written: {out}; look at each feature, then pass the file with --threat {out}", err=True)


def _of_table(
    data: str,
    drop: tuple[str, ...],
    category: tuple[str, ...],
    keep: tuple[str, ...],
    group: str | None,
    *,
    relations: bool,
) -> str:
    from genlabel_robust.data import load_table
    from genlabel_robust.threat.threat_file.draft import threat_draft

    table = load_table(data, drop=drop, group=group, category=category, keep=keep)
    return threat_draft(table, relations=relations)


def _of_rows(
    data: str,
    reference: str | None,
    target: str,
    drop: tuple[str, ...],
    category: tuple[str, ...],
    group: str | None,
    *,
    relations: bool,
) -> str:
    from genlabel_robust.core import ConfigurationError, quoted
    from genlabel_robust.data.columns.text_numbers import checked
    from genlabel_robust.data.own_table import own_features, own_table
    from genlabel_robust.data.rows import rows_of
    from genlabel_robust.threat.threat_file.draft import audit_draft

    if group is not None:
        raise ConfigurationError(
            f"--group {group!r} is for evaluate, but --target is for audit, which has no --group; "
            f"leave the column out with --drop {group!r}"
        )
    x, file = own_table(data, target, drop, category).x, data
    if reference is not None:
        ranges = own_features(reference, target, drop, category).x
        if odd := sorted({*x.columns} ^ {*ranges.columns}, key=str):
            raise ConfigurationError(
                f"{data} and {reference} do not have the same columns: {quoted(odd)} "
                f"{'is' if len(odd) == 1 else 'are'} in only one of them; leave out with --drop"
            )
        x, file = ranges, reference
    x, _ = checked(x, category, file)
    return audit_draft(Path(file).name, rows_of(x), relations=relations)
