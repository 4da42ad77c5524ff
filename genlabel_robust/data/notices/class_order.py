"""Detection of classes that are stated in the wrong order for a model."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from genlabel_robust.core import SHOWN, IntArray, plural, quoted
from genlabel_robust.data.concern import Concern

#: The least gain in agreement among rows of the classes that change places.
LEAST = 0.2
#: The least gain in agreement over all classes, each with the same weight: the answers of a model
#: that knows only one class agree with no order.
LEAST_BALANCED = 0.1
#: The least number of rows that allow a statement.
ROWS = 10
_DEVIATIONS, _NEARLY_ALL = 2.5, 0.95


@dataclass(frozen=True)
class Order:
    """The best ``order`` of the classes (k,), by code, with the assumed and the best accuracy."""

    order: tuple[int, ...]
    assumed: float
    best: float


def better_order(y: IntArray, predicted: IntArray, k: int) -> Order | None:
    """Return the order of the k classes that agrees far better with ``predicted`` (n,).

    ``y`` (n,): codes of the labels in the assumed order, 0 to k - 1. None if no order agrees far
    better. The best of all orders beats a fixed one by chance too: for a model that knows nothing,
    with m rows of j classes, by about sqrt(2 ln j / m), plus or minus 1 / sqrt(m) or less.
    """
    from scipy.optimize import linear_sum_assignment

    counts = np.zeros((k, k))
    np.add.at(counts, (y, predicted), 1.0)
    # ties and classes without rows keep their places
    labels, scores = linear_sum_assignment(counts + np.eye(k) / (2 * k), maximize=True)
    moved = (labels != scores) & (counts.sum(axis=1) > 0)
    m, n = counts[moved].sum(), len(y)
    if m == 0:
        return None
    gain = float((counts[labels, scores] - np.diag(counts))[moved].sum() / m)
    rows = np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    present = counts.sum(axis=1) > 0
    balanced = ((counts[labels, scores] - np.diag(counts)) / rows[:, 0])[present].mean()
    chance = (sqrt(2.0 * log(max(int(moved.sum()), 2))) + _DEVIATIONS) / sqrt(m)
    if m < ROWS or gain < max(LEAST, min(chance, _NEARLY_ALL)) or balanced < LEAST_BALANCED:
        return None
    order = np.empty(k, dtype=np.int64)
    order[scores] = labels
    return Order(
        tuple(order.tolist()), float(np.trace(counts) / n), float(counts[labels, scores].sum() / n)
    )


def classes_in_another_order(
    y: IntArray, predicted: IntArray, classes: Sequence[str], *, stated: bool
) -> list[Concern]:
    """Return the concern that the ``classes`` (k,) of a model are in the wrong order.

    ``y``, ``predicted`` (n,): codes of labels and predictions; ``stated``: whether the user stated
    the order; otherwise it is that of the sorted labels.
    """
    found = better_order(y, predicted, len(classes))
    if found is None:
        return []
    better = [classes[code] for code in found.order]
    options = " ".join(f"--class {shlex.quote(name)}" for name in better[:SHOWN])
    more = " and so on" if len(better) > SHOWN else ""
    python = f"classes={better[:SHOWN]}" if len(better) <= SHOWN else "classes=[...]"
    return [
        Concern(
            "class_order",
            "The classes are probably in the wrong order: with the model's scores "
            f"{'said' if stated else 'taken'} to be of {quoted(classes)}, in this order, it is "
            f"right on {100 * found.assumed:.1f} % of {plural(len(y), 'untouched row')}; with "
            f"{quoted(better)} it would be right on {100 * found.best:.1f} %. If that is the "
            f"model's order, give {options}{more} (in Python: {python}).",
            {"classes": better, "assumed": found.assumed, "best": found.best},
        )
    ]
