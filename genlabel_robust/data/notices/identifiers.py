"""Detection of columns that look like identifiers: names or numbers of rows."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import FloatArray, IntArray, plural, quoted
from genlabel_robust.data.concern import Concern

#: With fewer rows, all values may be distinct by chance.
LEAST = 20
#: The share of distinct texts in an identifier.
DIFFERENT = 0.95
#: n integers drawn at random from a range of n²/20 are all distinct with probability e^-10.
_CHANCE = 20.0


def texts_identify(codes: IntArray) -> bool:
    """Return whether all or nearly all levels of present texts, ``codes`` (n,), are distinct."""
    return len(codes) >= LEAST and len(np.unique(codes)) >= DIFFERENT * len(codes)


def numbers_identify(values: FloatArray) -> bool:
    """Return whether ``values`` (n,) are whole, all distinct and close to each other.

    This holds for counters and parts of them; measurements in so narrow a range repeat.
    """
    n = len(values)
    if n < LEAST or (values != np.rint(values)).any() or len(np.unique(values)) < n:
        return False
    return bool(values.max() - values.min() <= max(n, n * n / _CHANCE))


def identifiers(texts: Sequence[str], numbers: Sequence[str], where: str) -> list[Concern]:
    """Return the concern about columns of ``texts`` and ``numbers``, if there are any.

    ``where``: the rows among which the values are distinct.
    """
    names = [*texts, *numbers]
    if not names:
        return []
    descriptions = [
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
            f"{'an identifier' if one else 'identifiers'} among the {where}: "
            f"{' and '.join(descriptions)}. What a model learned from an identifier says nothing "
            f"about new rows: leave the column out of model and data (--drop){advice}.",
            {"columns": names},
        )
    ]
