"""What an attacker may make missing, or make up."""

import numpy as np

from genlabel_robust.core import IntArray
from genlabel_robust.structure import Affine, ReluNet
from genlabel_robust.threat import AttackSpace


def freed_flags(structure: Affine | ReluNet, space: AttackSpace) -> IntArray:
    """Return the features that say that a value is missing, and that the attacker may change."""
    if structure.flags is None:
        return np.zeros(0, dtype=np.int64)
    flags = np.unique(structure.flags[structure.flags >= 0])
    return flags[space.mutable[flags]]


def refused(structure: Affine | ReluNet, space: AttackSpace) -> str | None:
    """Return why nothing can be proved in ``space``, a sentence, None if it can."""
    if not np.isin(freed_flags(structure, space), space.rules.integer).all():
        return "whether a value is missing may change by less than from yes to no"
    return None
