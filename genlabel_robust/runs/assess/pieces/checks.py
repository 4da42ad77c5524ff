"""Attacks that are repeated to check the credibility of the run's results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import BoolArray
from genlabel_robust.runs.assess.pieces.attacks import BLOCK, runs
from genlabel_robust.runs.assess.pieces.piece import Case, Part, add_counts, cut, whole
from genlabel_robust.runs.assess.probes import (
    Again,
    Probes,
    Probing,
    attack_again,
    broken_again,
)


@dataclass(frozen=True, eq=False)
class CheckPiece:
    """The attacks of ``again`` for the probe ``of``, on its rows from number ``start`` on.

    ``which``: one of the attacks by number; None for all in turn, each on the rows still unbroken.
    """

    of: str
    start: int
    again: Again
    weight: float
    which: int | None = None
    name: str = "checks"

    @property
    def key(self) -> str:
        """A name made of the probe, its first row and the attack."""
        attack = "" if self.which is None else f"-{self.which}"
        return f"{self.of.replace(' ', '-')}-{self.start}{attack}"

    def work(self, case: Case) -> Part:
        """Attack again."""
        if self.which is None:
            return Part(counts={self.of: attack_again(case.subject, self.again)})
        attack = case.subject.attacks[self.which]
        return Part({"broken": broken_again(case.subject, self.again, attack)})


def check_pieces(case: Case, begun: Probing, weight: float) -> list[CheckPiece]:
    """Return the pieces that remain of the probes of ``case`` after ``begin_probes``.

    Few rows break with twice the budget. So each attack is a piece of its own there, because it
    would skip few rows that others broke. A time limit applies to one attack on all rows.
    """
    pieces = []
    for name, again in begun.again.items():
        n = len(again.rows)
        for block in cut(n, BLOCK) if again.max_seconds is None else whole(n):
            some = replace(again, rows=again.rows[block])
            if not len(some.rows):
                continue
            share = weight * len(some.rows) / n / len(begun.again)
            if again.of == "convergence" and again.max_seconds is None:
                pieces += [
                    CheckPiece(name, block.start, some, share * part, number)
                    for number, part in _shares(case).items()
                ]
            else:
                pieces.append(CheckPiece(name, block.start, some, share))
    return sorted(pieces, key=lambda piece: -piece.weight)


def _shares(case: Case) -> dict[int, float]:
    """Return the share of each usable attack, by number, in the work per row."""
    attacks = case.subject.attacks
    costs = {number: attack.cost for number, attack in enumerate(attacks) if runs(case, number)}
    return {number: cost / max(sum(costs.values()), 1) for number, cost in costs.items()}


def probed(begun: Probing, done: Iterable[tuple[CheckPiece, Part]]) -> Probes:
    """Return all probes, combined from ``begun`` and the finished parts."""
    counts: dict[str, dict[str, float]] = {}
    broken: dict[tuple[str, int], BoolArray] = {}
    for piece, part in done:
        if piece.which is None:
            add_counts(counts, piece.of, part.counts[piece.of])
        else:
            place = piece.of, piece.start
            known = broken.get(place, np.zeros(len(piece.again.rows), dtype=bool))
            broken[place] = known | part.arrays["broken"]
    for (name, _), rows in broken.items():
        add_counts(counts, name, {"sampled": len(rows), "broken": int(rows.sum())})
    return begun.with_counts(counts)
