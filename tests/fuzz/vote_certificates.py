"""Certificates of small random soft votes against all that exists near a row; see CONTRIBUTING.

``python tests/fuzz/vote_certificates.py --count 500 --seed 0`` prints a line for every vote of
which something false is proved. Votes are those of ``made_votes``; the library's own answers
decide. What is whole, a category or missing is enumerated, and so are the cells between thresholds
of the other columns, at both ends of each; a grid and random descents cover what is linear or a
net. The seed of a line gives its vote again: ``--only SEED``.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import product
from typing import Any
from unittest import mock

import numpy as np
from made_cases import Case, tried_cases
from made_votes import made
from net_certificates import EPS, accepted, existing, false_witness

from genlabel_robust.certify.missing import freed_flags
from genlabel_robust.certify.trees.boxes import leaf_boxes
from genlabel_robust.certify.votes import certify_vote
from genlabel_robust.certify.votes.hunt import Hunt
from genlabel_robust.certify.votes.row import Row
from genlabel_robust.threat.threat_model import within
from genlabel_robust.threat.violations import violations

WORK, BLIND = 3000, 300
#: The most rows of cells, of each choice of categories.
CELLS = 6000


def main() -> None:
    """Try as many votes as asked, and print what was wrong and how much was decided."""
    count, total = tried_cases(__doc__ or "", "vote", made, tried)
    answers = total["certified"] + total["broken"] + total["open"]
    print(
        f"{count} votes, {total['wrong']} wrong; of {answers} answers {total['certified']} "
        f"certified, {total['broken']} broken, {total['open']} open, of which a point that was "
        f"tried breaks {total['missed']}; {total['points']:,} points were tried"
    )
    sys.exit(bool(total["wrong"]))


def tried(case: Case, rng: np.random.Generator) -> dict[str, Any]:
    """Certify the rows of a case, and hold what exists against what is said."""
    y = case.model.predict(case.raw)
    found = certify_vote(case.net, case.model, case.space, case.raw, y, case.norm, EPS, WORK)
    counts: dict[str, Any] = Counter(certified=0, broken=0, open=0, missed=0, points=0)
    counts["wrong"] = []
    for i, row in enumerate(case.raw):
        if np.isfinite(found.upper[i]):
            counts["wrong"] += false_witness(case, row, y[i], found.witness[i], found.upper[i])
            if blindly(case, row, int(y[i]), float(found.upper[i])) == "proved":
                counts["wrong"].append(f"row {i} is proved where {found.witness[i].tolist()} lies")
        for eps in EPS:
            certified, broken = ~within(found.lower[i], eps), within(found.upper[i], eps)
            if certified and broken:
                counts["wrong"].append(f"row {i} is certified and broken at {eps}")
            counts["certified" if certified else "broken" if broken else "open"] += 1
            if broken:
                continue
            rows = existing(case, row, int(y[i]), eps, rng)
            rows = np.concatenate([rows, in_cells(case, row, eps, rng)])
            counts["points"] += len(rows)
            wrong = rows[case.model.predict(rows) != y[i]]
            if certified and len(wrong):
                counts["wrong"].append(f"row {i} is certified at {eps}; {wrong[0].tolist()}")
            counts["missed"] += bool(len(wrong) and not certified)
    return counts


class BlindHunt(Hunt):
    """A hunt that finds nothing, so that bounds and cuts alone are held against what it missed."""

    def ask(self, points: np.ndarray, eps: float) -> bool:
        """Look away."""
        return False

    def descend(self, eps: float, cuts: Any) -> bool:
        """Look away."""
        return False

    def _keep(self, rows: np.ndarray, eps: float) -> None:
        """Forget them."""


def blindly(case: Case, row: np.ndarray, y: int, distance: float) -> str:
    """Return what is said of a row, without any hunt, that is broken at just this distance."""
    boxes = [leaf_boxes(trees, len(row)) for trees in case.net.trees]
    flags = freed_flags(case.net, case.space)
    args = (case.net, boxes, case.model, case.space, row, y, case.norm, flags, lambda: False)
    with mock.patch("genlabel_robust.certify.votes.row.Hunt", BlindHunt):
        return Row(*args).decide(distance, BLIND)


def in_cells(case: Case, row: np.ndarray, eps: float, rng: np.random.Generator) -> np.ndarray:
    """Return rows within ``eps`` at both ends of the cells between thresholds, all or many."""
    u = case.space.enter(row[None])
    low, high = ((edge - u)[0] for edge in case.space.box(u))
    low, high = np.maximum(low, -eps), np.minimum(high, eps)
    groups = case.space.rules.one_hot
    grouped = [i for group in groups for i in group]
    values: list[np.ndarray] = []
    for i in range(len(row)):
        known = [trees.threshold[trees.feature == i] for trees in case.net.trees]
        at = np.unique(np.concatenate([np.zeros(0), *known]))
        ends = row[i] + case.space.scale[i] * np.array([low[i], high[i]])
        at = np.concatenate([at, np.nextafter(at, np.inf), ends, [row[i]]])
        at = at[(at >= ends[0]) & (at <= ends[1])]
        if i in case.space.rules.integer:
            steps = np.arange(np.ceil(ends[0] - row[i] - 1e-6), ends[1] - row[i] + 1e-6)
            at = row[i] + steps
        values.append(np.unique(at) if i not in grouped and case.space.mutable[i] else row[[i]])
    for group in groups:
        for i in group:
            values[i] = row[[i]]
    if np.prod([float(len(v)) for v in values]) > CELLS:
        grid = np.stack([rng.choice(v, CELLS) for v in values], axis=1)
    else:
        grid = np.stack([part.ravel() for part in np.meshgrid(*values, indexing="ij")], axis=1)
    parts = []
    for choice in product(*(range(len(group)) for group in groups)):
        part = grid.copy()
        for group, chosen in zip(groups, choice, strict=True):
            part[:, list(group)] = np.eye(len(group))[chosen]
        parts.append(part)
    rows = np.concatenate(parts)
    origin = np.broadcast_to(row, rows.shape)
    exist = ~violations(case.space, origin, rows)
    exist &= within(case.space.distance(origin, rows, case.norm), eps)
    drawn = accepted(case, row, (rows - row) / case.space.scale, eps)
    return np.concatenate([rows[exist], drawn])


if __name__ == "__main__":
    main()
