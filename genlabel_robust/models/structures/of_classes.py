"""Translation of a core's scores to scores of the model's classes."""

from dataclasses import replace

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure import (
    Affine,
    NoStructure,
    ReluNet,
    Structure,
    TreeEnsemble,
    UnreadError,
    Vote,
)


def of_classes(
    found: Structure | NoStructure, columns: IntArray, n_classes: int
) -> Structure | NoStructure:
    """Return ``found``, whose scores belong to the classes ``columns`` (j,), for all classes.

    A class that the core never saw gets a lower score than any other can have. If there is such a
    class, raises ``UnreadError`` unless the structure consists of trees.
    """
    if isinstance(found, NoStructure) or np.array_equal(columns, np.arange(n_classes)):
        return found
    if isinstance(found, TreeEnsemble):
        return _trees_of_classes(found, columns, n_classes)
    if len(columns) < n_classes:
        raise UnreadError("a class of the data is none that the model ever saw")
    if isinstance(found, Vote):
        return found.of_classes(np.argsort(columns))
    return found.combined(np.eye(n_classes)[np.argsort(columns)])


def of_one_output(found: Structure | NoStructure, output: str) -> Structure | NoStructure:
    """Return a structure with one score as a structure of two classes.

    For a logit z the scores are 0 and z, for a probability p they are 1 - p and p. A reader that
    resolved a sigmoid returns both scores itself.
    """
    if isinstance(found, NoStructure):
        return found
    if isinstance(found, Affine | ReluNet) and found.n_classes == 2:
        return found
    first = 0.0 if output == "logit" else -1.0
    start = 0.0 if output == "logit" else 1.0

    def both(of_one: FloatArray, begin: float) -> FloatArray:
        return np.concatenate([begin + first * of_one, of_one])

    if isinstance(found, Affine | ReluNet):
        return found.combined(np.array([[first], [1.0]]), np.array([start, 0.0]))
    if isinstance(found, Vote):
        return found
    value = np.column_stack([first * found.value[:, 0], found.value[:, 0]])
    # 1 - p is rounded once more than p
    rounding = found.rounding if output == "logit" else 2 * found.rounding + 2.0**-23
    return replace(found, value=value, base=both(found.base, start), rounding=rounding)


def _trees_of_classes(found: TreeEnsemble, columns: IntArray, n_classes: int) -> TreeEnsemble:
    value = np.zeros((len(found.value), n_classes))
    value[:, columns] = found.value
    base = np.full(n_classes, -found.largest() - 1.0 - found.rounding)
    base[columns] = found.base
    return replace(found, value=value, base=base)
