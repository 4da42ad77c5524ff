"""Features whose missing values an attacker may fill in or remove."""

import numpy as np

from genlabel_robust.core import IntArray
from genlabel_robust.structure import Affine, ReluNet, Vote
from genlabel_robust.threat import AttackSpace


def freed_flags(structure: Affine | ReluNet | Vote, space: AttackSpace) -> IntArray:
    """Return the missing-value flags, as feature numbers, that the attacker may change."""
    parts = structure.smooth if isinstance(structure, Vote) else (structure,)
    known = [part.flags[part.flags >= 0] for part in parts if part.flags is not None]
    flags = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *known]))
    return np.asarray(flags[space.mutable[flags]])


def refused(structure: Affine | ReluNet | Vote, space: AttackSpace) -> str | None:
    """Return a sentence that says why nothing can be proved in ``space``, None if it can."""
    if not np.isin(freed_flags(structure, space), space.rules.integer).all():
        return "whether a value is missing may change by less than from yes to no"
    return None
