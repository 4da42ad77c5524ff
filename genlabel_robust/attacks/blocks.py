"""Run an attack over any number of examples in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult, GradientHealth
from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.threat import Norm
from genlabel_robust.estimators.target import AttackTarget

#: Examples of one block, and numbers in an array of all single-feature changes of a block.
_EXAMPLES, _NUMBERS = 1024, 4_000_000


def run_attack(
    attack: Attack,
    target: AttackTarget,
    norm: Norm,
    eps: float,
    seed: int,
    start: FloatArray | None = None,
) -> AttackResult:
    """Run ``attack`` block after block; as no example depends on its company, nothing changes.

    Arguments and result as of ``Attack``.
    """
    parts = []
    for rows in _blocks(len(target.x), target.n_features):
        part = target.subset(rows)
        if attack.kind == "fixed":
            part.ball = (norm, eps)
        begin = None if start is None else start[rows]
        parts.append(attack(part, norm, eps, seed, begin))
        target.absorb(part, rows)
    if not parts:
        return AttackResult(target.x.copy(), np.zeros(0, dtype=np.int64), target.queries.copy())
    return AttackResult(
        points=np.concatenate([part.points for part in parts]),
        outcome=np.concatenate([part.outcome for part in parts]),
        queries=np.concatenate([part.queries for part in parts]),
        health=sum((part.health for part in parts), GradientHealth()),
    )


def _blocks(n: int, m: int) -> Iterator[IntArray]:
    size = int(np.clip(_NUMBERS // max(m * m, 1), 16, _EXAMPLES))
    for begin in range(0, n, size):
        yield np.arange(begin, min(begin + size, n))
