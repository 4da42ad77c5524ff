"""Attacks on any number of examples in bounded memory, block by block."""

import time
from collections.abc import Callable, Iterator

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult, GradientHealth, Outcome
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Norm

#: Examples per block, and numbers in an array of all single-feature changes of a block.
EXAMPLES, _NUMBERS = 1024, 4_000_000

#: Examples per block under a time limit, because a block that has begun is finished. One block of
#: 32 takes about as long (PGD on a small net: 0.28 s against 0.32 s), eight of them many times.
_TIMED_EXAMPLES = 256


def run_attack(
    attack: Attack,
    target: AttackTarget,
    norm: Norm,
    eps: float,
    seed: int,
    start: FloatArray | None = None,
    deadline: float | None = None,
    on_rows: Callable[[int], None] = lambda done: None,
) -> AttackResult:
    """Run ``attack`` block by block; the results are those of a single run on all examples.

    Arguments and result are those of ``Attack``. ``deadline``: no block begins after this reading
    of ``time.perf_counter``; the remaining examples are ``OUT_OF_TIME``. ``on_rows``: called with
    the number of examples done.
    """
    parts = []
    most = EXAMPLES if deadline is None else _TIMED_EXAMPLES
    for rows in _blocks(len(target.x), target.n_features, most):
        if deadline is not None and time.perf_counter() >= deadline:
            parts.append(_left_out(target, np.arange(rows[0], len(target.x))))
            break
        part = target.subset(rows)
        if attack.kind == "fixed":
            part.ball = (norm, eps)
        begin = None if start is None else start[rows]
        parts.append(attack(part, norm, eps, seed, begin))
        target.absorb(part, rows)
        on_rows(int(rows[-1]) + 1)
    if not parts:
        return AttackResult(target.x.copy(), np.zeros(0, dtype=np.int64), target.queries.copy())
    return AttackResult(
        points=np.concatenate([part.points for part in parts]),
        outcome=np.concatenate([part.outcome for part in parts]),
        queries=np.concatenate([part.queries for part in parts]),
        health=sum((part.health for part in parts), GradientHealth()),
    )


def _left_out(target: AttackTarget, rows: IntArray) -> AttackResult:
    return AttackResult(
        points=target.x[rows],
        outcome=np.full(len(rows), int(Outcome.OUT_OF_TIME)),
        queries=np.zeros(len(rows), dtype=np.int64),
    )


def _blocks(n: int, m: int, most: int) -> Iterator[IntArray]:
    size = int(np.clip(_NUMBERS // max(m * m, 1), 16, most))
    for begin in range(0, n, size):
        yield np.arange(begin, min(begin + size, n))
