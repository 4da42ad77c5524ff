"""What the fuzzes of certificates share: a case, the space of its rows, and the command.

Columns are fixed, monotone, whole, one of a group, or held in a narrow box; behind a pipeline they
may be missing, or be categories that stay or that may change.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.data.rows import rows_of, task_of_rows
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.model import Model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import ReluNet, Vote
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.constraints.constraints import Constraints, Rules
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import ThreatModel

KINDS = ("free", "immutable", "monotone", "whole", "one-hot", "box", "table")
ROWS = 2


@dataclass(frozen=True, eq=False)
class Case:
    """A model with the structure ``net``, rows of it, and what may happen to them."""

    name: str
    net: Any
    model: Model
    space: AttackSpace
    raw: np.ndarray
    norm: Any


def space_of(
    rng: np.random.Generator,
    kind: str,
    whole: tuple[int, ...],
    groups: tuple[tuple[int, ...], ...],
    offset: np.ndarray,
    scale: np.ndarray,
    raw: np.ndarray,
) -> AttackSpace:
    """Return the space of ``raw``: columns as ``kind`` says, ``groups`` behind the others."""
    width = len(scale)
    d = width - sum(map(len, groups))
    monotone = tuple(i for i in range(d) if kind == "monotone" and rng.random() < 0.7)
    falling = tuple(i for i in monotone if rng.random() < 0.5)
    rules = Rules(
        increasing=tuple(sorted({*monotone} - {*falling})),
        decreasing=falling,
        integer=whole,
        one_hot=groups,
    )
    mutable = np.ones(width, dtype=bool)
    mutable[0] = kind != "immutable" or d == 1
    weight = rng.choice([1.0, 0.5], width)
    # a switch of a category costs 0.1 or 0.2 of each column, so that there are some within reach
    weight[d:] *= 10
    low, high = np.zeros(width), 1 / weight
    if kind == "box":
        near = (raw - offset) / (scale * weight)
        low, high = near.min(axis=0) - 0.02, near.max(axis=0) + rng.choice([0.0, 0.1], width)
    return AttackSpace(offset, scale * weight, low, high, mutable, rules)


def case_of_table(
    frame: pd.DataFrame,
    pipeline: Pipeline,
    free: list[str],
    k: int,
    norm: Any,
    kind: type[ReluNet | Vote],
    name: str,
) -> Case:
    """Return the first rows of ``frame`` under a ``pipeline`` whose structure is a ``kind``.

    ``free``: what may change of categories, and of what says that a number is missing.
    """
    if not frame["b"].isna().any():
        free = [name for name in free if name != "b is missing"]
    rows = rows_of(frame[:ROWS], frame, free=tuple(free))
    limits = encoded_limits(
        rows.encoding.parts,
        {"weights": dict.fromkeys(free, 10.0), "units": dict.fromkeys(free, "raw")},
    )
    threat = ThreatModel(norm, (0.1,), constraints=Constraints.of(limits))
    task = task_of_rows("made", rows, np.zeros(ROWS, dtype=np.int64), tuple(range(k)))
    space, model = attack_space(task, threat), as_model(pipeline, rows, tuple(range(k)))
    net = checked_structure(model, space, rows.x)
    assert isinstance(net, kind), (name, net)
    return Case(name, net, model, space, rows.x, norm)


def tried_cases(
    about: str,
    noun: str,
    made: Callable[[int], Case],
    tried: Callable[[Case, np.random.Generator], dict[str, Any]],
) -> tuple[int, Counter[str]]:
    """Try as many cases as the command line asks, print what is wrong; return the counts."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--count", type=int, default=200, help=f"how many {noun}s")
    parser.add_argument("--seed", type=int, default=0, help=f"of the first {noun}")
    parser.add_argument("--only", type=int, help=f"just the {noun} of this seed")
    parser.add_argument("--open", action="store_true", help="print what is open, too")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.count) if given.only is None else [given.only]
    total: Counter[str] = Counter()
    warnings.simplefilter("ignore")
    with one_thread():
        for seed in seeds:
            case = made(seed)
            found = tried(case, np.random.default_rng((seed, 1)))
            for problem in found.pop("wrong"):
                print(json.dumps({"seed": seed, noun: case.name, "problem": problem}), flush=True)
                total["wrong"] += 1
            if given.open and found["open"]:
                print(json.dumps({"seed": seed, noun: case.name, "open": found["open"]}))
            total.update(found)
            total["tied"] += found["open"] * ("ties" in case.name)
    return len(seeds), total
