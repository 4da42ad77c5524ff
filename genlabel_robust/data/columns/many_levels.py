"""Limits for categories with many levels, each of which becomes a feature."""

from collections.abc import Collection, Sequence

from genlabel_robust.core import DataError
from genlabel_robust.data.columns.cells import Cells
from genlabel_robust.data.columns.choose_encoding import MOST_LEVELS

#: A category with more levels than this gets a notice: each level has few rows.
MANY = 50
#: The most levels of a category that the user wants to keep.
MOST_KEPT = 10_000


def refuse_many_levels(cells: Sequence[Cells], keep: Collection[str], name: str) -> None:
    """Raise ``DataError`` if a category has too many levels to make each one a feature.

    ``keep``: columns with a higher limit; ``name``: the table's name in errors.
    """
    for one in cells:
        if one.kind == "number" or one.empty:
            continue
        count, most = len(one.levels), MOST_KEPT if one.name in keep else MOST_LEVELS
        if count > most:
            or_keep = "" if one.name in keep else f", encode it anyway (--keep {one.name!r})"
            raise DataError(
                f"{name}: column {one.name!r} has {count:,} levels; each level becomes a feature, "
                f"and at most {most:,} are allowed; merge rare levels{or_keep}, or leave the "
                "column out (--drop)"
            )


def many_levels_notice(cells: Sequence[Cells]) -> list[str]:
    """Return a notice that lists the categories with many levels."""
    many = [
        f"{one.name!r} ({len(one.levels):,})"
        for one in cells
        if one.kind != "number" and not one.empty and len(one.levels) > MANY
    ]
    if not many:
        return []
    return [
        f"Columns with more than {MANY} levels (in brackets): {', '.join(many)}. Each level "
        "becomes a feature of its own with few rows; merge rare levels, or leave a column out "
        "with --drop."
    ]
