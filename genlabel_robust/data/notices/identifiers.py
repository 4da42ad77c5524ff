"""Columns that look like identifiers: names and numbers of rows, which say nothing about them."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import FloatArray, IntArray, plural, quoted
from genlabel_robust.data.concern import Concern

#: Fewer rows may all be different by chance.
LEAST = 20
#: The share of texts that are different in an identifier.
DIFFERENT = 0.95
#: Whole numbers drawn anyhow from a range of n²/20 are all different with a chance of e^-10.
_CHANCE = 20.0


def texts_identify(codes: IntArray) -> bool:
    """Tell whether all or nearly all of the levels ``codes`` (n,) of present texts differ."""
    return len(codes) >= LEAST and len(np.unique(codes)) >= DIFFERENT * len(codes)


def numbers_identify(values: FloatArray) -> bool:
    """Tell whether ``values`` (n,) are whole numbers, all different, and close to each other.

    Counters and parts of them are; measures in a range this narrow repeat.
    """
    n = len(values)
    if n < LEAST or (values != np.rint(values)).any() or len(np.unique(values)) < n:
        return False
    return bool(values.max() - values.min() <= max(n, n * n / _CHANCE))


def identifiers(texts: Sequence[str], numbers: Sequence[str], where: str) -> list[Concern]:
    """Return the concern about columns of ``texts`` and of ``numbers``; none if there are none.

    ``where``: among which rows they differ.
    """
    names = [*texts, *numbers]
    if not names:
        return []
    held = [
        f"{quoted(some)} ({what}, all or nearly all different)"
        for some, what in ((texts, "text"), (numbers, "whole numbers close to each other"))
        if some
    ]
    one = len(names) == 1
    advice = (
        ""
        if not numbers
        else (
            f"; an attacker may change {quoted(numbers)}, unless you give it immutable = true in a "
            "threat file"
        )
    )
    return [
        Concern(
            "identifier",
            f"{plural(len(names), 'column')} {'looks' if one else 'look'} like "
            f"{'an identifier' if one else 'identifiers'} among the {where}: {' and '.join(held)}. "
            "What a model learned from an identifier says nothing about new rows: leave the column "
            f"out of model and data (--drop){advice}.",
            {"columns": names},
        )
    ]
