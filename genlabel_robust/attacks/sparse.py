"""Adversarial examples without the changes that they do not need."""

from collections.abc import Callable, Sequence

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray


def fewer_changes(
    mislabelled: Callable[[FloatArray, IntArray], BoolArray],
    raw: FloatArray,
    adversarial: FloatArray,
    columns: Sequence[IntArray],
    unit: FloatArray,
) -> FloatArray:
    """Return ``adversarial`` (n, d), each row with as much as possible as in ``raw`` (n, d).

    ``columns``: the features that are given back together, such as those of one category; what is
    in none of them is kept, and a feature may be in several. They are given back one at a time,
    the least change first, in ``unit`` (d,), until none can be: of what is left, each change is
    needed, though fewer others may do.
    ``mislabelled``: rows (q, d) and which of the n they are, (q,), -> marks those that the model
    mislabels. What is given back comes nearer in every norm, and never breaks a constraint.
    A row that is not mislabelled to begin with is returned as it is.
    """
    found = adversarial.copy()
    wide = np.where(unit > 0, unit, 1.0)
    member = np.zeros((len(columns), raw.shape[1]), dtype=bool)
    for number, own in enumerate(columns):
        member[number, own] = True
    size = np.stack(
        [np.abs((adversarial - raw) / wide)[:, own].max(axis=1) for own in columns], axis=1
    )
    order = np.argsort(size, axis=1, kind="stable")
    active = np.flatnonzero(mislabelled(found, np.arange(len(raw))))
    while len(active):
        given_back = np.zeros(len(raw), dtype=bool)
        for step in range(len(columns)):
            rows, tried = _without(found, raw, member, order[:, step], active)
            if not len(rows):
                continue
            wrong = mislabelled(tried, rows)
            found[rows[wrong]] = tried[wrong]
            given_back[rows[wrong]] = True
        # a change that was needed may not be, once another is given back
        active = np.flatnonzero(given_back)
    return found


def _without(
    found: FloatArray, raw: FloatArray, member: BoolArray, chosen: IntArray, active: IntArray
) -> tuple[IntArray, FloatArray]:
    """Return which of ``active`` change in their ``chosen`` (n,) column, and these without it.

    ``member`` (c, d): the features of each column.
    """
    given_back = member[chosen[active]]
    changes = (given_back & (found[active] != raw[active])).any(axis=1)
    rows = active[changes]
    return rows, np.where(given_back[changes], raw[rows], found[rows])
