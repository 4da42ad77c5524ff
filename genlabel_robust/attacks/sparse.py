"""Removal of unnecessary changes from adversarial examples."""

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
    """Return ``adversarial`` (n, d) with as many features as possible reset to ``raw`` (n, d).

    ``columns``: the features that are reset together, such as those of one category. Features in
    none of them stay as they are; a feature may be in several. Columns are reset one at a time,
    the smallest change first, measured in ``unit`` (d,), until no more can be. Then every remaining
    change is needed, although another, smaller set may exist. ``mislabelled``: maps rows (q, d) and
    their indices (q,) among the n to marks of those that the model mislabels. A reset never
    increases the distance in any norm, and never breaks a constraint. A row that is not mislabelled
    at first is returned unchanged.
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
        # a change that was needed before may not be after others were reset
        active = np.flatnonzero(given_back)
    return found


def _without(
    found: FloatArray, raw: FloatArray, member: BoolArray, chosen: IntArray, active: IntArray
) -> tuple[IntArray, FloatArray]:
    """Return those of ``active`` that change in their ``chosen`` (n,) column, and their rows reset.

    ``member`` (c, d): marks the features of each column.
    """
    given_back = member[chosen[active]]
    changes = (given_back & (found[active] != raw[active])).any(axis=1)
    rows = active[changes]
    return rows, np.where(given_back[changes], raw[rows], found[rows])
