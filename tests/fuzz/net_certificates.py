"""Certificates of small random nets against all that exists near a row; see CONTRIBUTING.

``python tests/fuzz/net_certificates.py --count 2000 --seed 0`` prints a line for every net of which
something false is proved. Nets are those of ``made_nets``, with ties on purpose; rows are tried in
every norm. Whole numbers, groups and what is missing are enumerated, the other columns covered by a
grid and by descents from its best points; what these mislabel must not be certified, and what is
called broken must be so. The seed of a line gives its net again: ``--only SEED``.
"""

from __future__ import annotations

import sys
from itertools import product
from typing import Any
from unittest import mock

import numpy as np
from made_cases import Case, tried_cases
from made_nets import made

from genlabel_robust.certify.effort import SHORT
from genlabel_robust.certify.nets import certify_net
from genlabel_robust.certify.nets.witness import Hunt
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat.threat_model import within
from genlabel_robust.threat.violations import violations

EPS, WORK, BLIND = (0.05, 0.3), 2000, 300
#: Points of a grid, and descents from its best.
GRID, DESCENTS, STEPS = 4000, 8, 25


def main() -> None:
    """Try as many nets as asked, and print what was wrong and how much was decided."""
    count, total = tried_cases(__doc__ or "", "net", made, tried)
    answers = total["certified"] + total["broken"] + total["open"]
    print(
        f"{count} nets, {total['wrong']} wrong; of {answers} answers {total['certified']} "
        f"certified, {total['broken']} broken, {total['open']} open; {total['tied']} of these are "
        f"of nets with ties, and a point of the grid breaks {total['missed']}"
    )
    sys.exit(bool(total["wrong"]))


def tried(case: Case, rng: np.random.Generator) -> dict[str, Any]:
    """Certify the rows of a case, by full and by short searches, and look for what contradicts."""
    counts: dict[str, Any] = {"certified": 0, "broken": 0, "open": 0, "missed": 0, "wrong": []}
    for work, short in ((WORK, False), (SHORT["work"], True)):
        for name, count in searched(case, rng, work, short).items():
            counts[name] += count
    return counts


def searched(case: Case, rng: np.random.Generator, work: int, short: bool) -> dict[str, Any]:
    """Return what ``tried`` does, for searches of ``work`` that are ``short`` or not."""
    y = case.model.predict(case.raw)
    arguments = case.net, case.model, case.space, case.raw, y, case.norm, EPS, work
    found = certify_net(*arguments, short=short)
    counts: dict[str, Any] = {"certified": 0, "broken": 0, "open": 0, "missed": 0, "wrong": []}
    for i, row in enumerate(case.raw):
        if np.isfinite(found.upper[i]):
            counts["wrong"] += false_witness(case, row, y[i], found.witness[i], found.upper[i])
            near = nearer(case, row, y[i], found.witness[i])
            if proved_blindly(case, row, y[i], near):
                counts["wrong"].append(f"row {i} is proved where {near.tolist()} lies")
        for eps in EPS:
            certified, broken = ~within(found.lower[i], eps), within(found.upper[i], eps)
            if certified and broken:
                counts["wrong"].append(f"row {i} is certified and broken at {eps}")
            counts["certified" if certified else "broken" if broken else "open"] += 1
            if broken:
                continue
            rows = existing(case, row, int(y[i]), eps, rng)
            wrong = rows[case.model.predict(rows) != y[i]]
            if certified and len(wrong):
                counts["wrong"].append(f"row {i} is certified at {eps}; {wrong[0].tolist()}")
            counts["missed"] += bool(len(wrong) and not certified)
    return counts


class BlindHunt(Hunt):
    """A hunt that finds nothing, so that bounds and branches alone are held against a witness."""

    def look(self, delta: np.ndarray, eps: float, descents: int = 2) -> bool:
        """Look away."""
        return False


def nearer(case: Case, row: np.ndarray, y: int, witness: np.ndarray) -> np.ndarray:
    """Return ``witness``, nearer to ``row`` while the model mislabels it, a column at a time."""
    found = witness.copy()
    discrete = {*case.space.rules.integer, *sum(case.space.rules.one_hot, ())}
    smooth = [i for i in range(len(row)) if i not in discrete and row[i] != witness[i]]
    for columns in (smooth, *([i] for i in smooth)):
        right, wrong = 0.0, 1.0
        start = found.copy()
        for _ in range(20):
            share, tried = (right + wrong) / 2, start.copy()
            tried[columns] = row[columns] + share * (start[columns] - row[columns])
            mislabelled = case.model.predict(np.stack([tried, row]))[0] != y
            if mislabelled and not violations(case.space, row[None], tried[None])[0]:
                found, wrong = tried, share
            else:
                right = share
    return found


def proved_blindly(case: Case, row: np.ndarray, y: int, witness: np.ndarray) -> bool:
    """Say whether a row is proved as far as a witness lies, where nothing is hunted."""
    rows, labels = row[None], np.array([y])
    distance = float(case.space.distance(rows, witness[None], case.norm)[0])
    with mock.patch("genlabel_robust.certify.nets.certify.Hunt", BlindHunt):
        found = certify_net(
            case.net, case.model, case.space, rows, labels, case.norm, (distance,), BLIND
        )
    return bool(~within(found.lower[0], distance))


def false_witness(
    case: Case, row: np.ndarray, y: int, witness: np.ndarray, distance: float
) -> list[str]:
    """Return what is wrong with a witness of a row."""
    problems = []
    if violations(case.space, row[None], witness[None])[0]:
        problems.append("the witness does not exist")
    if case.space.distance(row[None], witness[None], case.norm)[0] != distance:
        problems.append("the witness lies at another distance")
    both = np.stack([witness, row])
    if case.model.predict(witness[None])[0] == y or case.model.predict(both)[0] == y:
        problems.append("the witness is labelled right")
    return problems


def existing(
    case: Case, row: np.ndarray, y: int, eps: float, rng: np.random.Generator
) -> np.ndarray:
    """Return rows that exist within ``eps``: a grid of all, and where descents from it end."""
    u = case.space.enter(row[None])
    low, high = ((edge - u)[0] for edge in case.space.box(u))
    low, high = np.maximum(low, -eps), np.minimum(high, eps)
    scale, groups = case.space.scale, case.space.rules.one_hot
    whole, grouped = case.space.rules.integer, [i for group in groups for i in group]
    smooth = [i for i in range(len(row)) if i not in {*whole, *grouped} and high[i] > low[i]]
    axes = [np.zeros(1) for _ in row]
    for i in whole:
        steps = np.arange(
            np.ceil(low[i] * scale[i] - 1e-6), np.floor(high[i] * scale[i] + 1e-6) + 1
        )
        axes[i] = steps / scale[i]
    choices = np.prod([len(axis) for axis in axes]) * 3.0 ** len(groups)
    per = max(5, int((GRID / choices) ** (1 / max(1, len(smooth)))))
    for i in smooth:
        axes[i] = np.unique(np.append(np.linspace(low[i], high[i], per), 0.0))
    plain = [axes[i] for i in range(len(row)) if i not in grouped]
    grid = np.stack([part.ravel() for part in np.meshgrid(*plain, indexing="ij")], axis=1)
    delta = np.zeros((len(grid), len(row)))
    delta[:, [i for i in range(len(row)) if i not in grouped]] = grid
    parts = []
    for choice in product(*(range(len(group)) for group in groups)):
        part = delta.copy()
        for group, chosen in zip(groups, choice, strict=True):
            part[:, list(group)] = (np.eye(len(group))[chosen] - row[list(group)]) / scale[
                list(group)
            ]
        parts.append(part)
    delta = np.concatenate(parts)
    rows = accepted(case, row, delta, eps)
    ends = rows[np.argsort(lead(case.net, rows, y), kind="stable")[:DESCENTS]]
    return np.concatenate([rows, descended(case, row, ends, y, eps, smooth, rng)])


def accepted(case: Case, row: np.ndarray, delta: np.ndarray, eps: float) -> np.ndarray:
    """Return the rows at ``delta`` that exist; what leaves the ball is drawn back first."""
    scale, whole = case.space.scale, list(case.space.rules.integer)
    if case.norm != "linf":
        fixed = np.isin(np.arange(len(row)), [*whole, *sum(case.space.rules.one_hot, ())])
        power = 1 if case.norm == "l1" else 2
        size = np.abs(delta) ** power
        left = np.maximum(eps**power - size[:, fixed].sum(axis=1), 0.0)
        taken = np.maximum(size[:, ~fixed].sum(axis=1), 1e-300)
        share = np.minimum(left / taken, 1.0) ** (1 / power)
        delta = np.where(fixed, delta, delta * share[:, None])
    rows = row + scale * delta
    rows[:, whole] = row[whole] + np.rint((scale * delta)[:, whole])
    rows = np.where(delta == 0, row, rows)
    origin = np.broadcast_to(row, rows.shape)
    exist = ~violations(case.space, origin, rows)
    found: np.ndarray = rows[exist & within(case.space.distance(origin, rows, case.norm), eps)]
    return found


def lead(net: ReluNet, rows: np.ndarray, y: int) -> np.ndarray:
    """Return the lead of ``y`` over the best other class."""
    scores = net.scores(rows)
    others = scores.copy()
    others[:, y] = -np.inf
    found: np.ndarray = scores[:, y] - others.max(axis=1)
    return found


def descended(
    case: Case,
    row: np.ndarray,
    rows: np.ndarray,
    y: int,
    eps: float,
    smooth: list[int],
    rng: np.random.Generator,
) -> np.ndarray:
    """Return where random steps that lower the lead end, of the smooth columns alone."""
    found, step = [rows], eps / 2
    for _ in range(STEPS if smooth and len(rows) else 0):
        moved = np.repeat(rows, 6, axis=0)
        moved[:, smooth] += (case.space.scale * step * rng.uniform(-1, 1, moved.shape))[:, smooth]
        u = case.space.enter(row[None])
        low, high = ((edge - u)[0] for edge in case.space.box(u))
        delta = np.clip((moved - row) / case.space.scale, low, high)
        if case.norm == "linf":
            delta = np.clip(delta, -eps, eps)
        both = np.concatenate([rows, accepted(case, row, delta, eps)])
        rows = both[np.argsort(lead(case.net, both, y), kind="stable")[: len(rows)]]
        found.append(rows)
        step *= 0.75
    return np.concatenate(found)


if __name__ == "__main__":
    main()
