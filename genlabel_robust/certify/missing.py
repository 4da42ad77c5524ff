"""What an attacker may make missing, or make up."""

import numpy as np

from genlabel_robust.core import IntArray
from genlabel_robust.structure import Affine, ReluNet, Vote
from genlabel_robust.threat import AttackSpace


def freed_flags(structure: Affine | ReluNet | Vote, space: AttackSpace) -> IntArray:
    """Return the features that say that a value is missing, and that the attacker may change."""
    parts = structure.smooth if isinstance(structure, Vote) else (structure,)
    known = [part.flags[part.flags >= 0] for part in parts if part.flags is not None]
    flags = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *known]))
    return np.asarray(flags[space.mutable[flags]])


def refused(structure: Affine | ReluNet | Vote, space: AttackSpace) -> str | None:
    """Return why nothing can be proved in ``space``, a sentence, None if it can."""
    if not np.isin(freed_flags(structure, space), space.rules.integer).all():
        return "whether a value is missing may change by less than from yes to no"
    return None
