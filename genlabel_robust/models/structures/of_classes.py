"""Scores of a core as scores of a model's classes."""

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
    """Return ``found``, whose scores are of the classes ``columns`` (j,), as one of all classes.

    A class that the core never saw scores less than any other can. Raises ``UnreadError`` where
    there is one, unless the structure is of trees.
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
    """Return a structure of one score as one of two classes.

    The scores of a logit z are 0 and z, of a probability p they are 1 - p and p. A reader that
    looked behind a sigmoid gives both scores itself.
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
    # 1 - p is rounded once more than p is
    rounding = found.rounding if output == "logit" else 2 * found.rounding + 2.0**-23
    return replace(found, value=value, base=both(found.base, start), rounding=rounding)


def _trees_of_classes(found: TreeEnsemble, columns: IntArray, n_classes: int) -> TreeEnsemble:
    value = np.zeros((len(found.value), n_classes))
    value[:, columns] = found.value
    base = np.full(n_classes, -found.largest() - 1.0 - found.rounding)
    base[columns] = found.base
    return replace(found, value=value, base=base)
