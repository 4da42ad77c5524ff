"""Attacks that are made again, to see whether the run's can be believed."""

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
    """The attacks that the probe ``of`` makes ``again``, on its rows number ``start`` and on.

    ``which``: one of them by number, None for all in turn, each on what is left.
    """

    of: str
    start: int
    again: Again
    weight: float
    which: int | None = None
    name: str = "checks"

    @property
    def key(self) -> str:
        """The probe, its first row and the attack."""
        attack = "" if self.which is None else f"-{self.which}"
        return f"{self.of.replace(' ', '-')}-{self.start}{attack}"

    def work(self, case: Case) -> Part:
        """Attack again."""
        if self.which is None:
            return Part(counts={self.of: attack_again(case.subject, self.again)})
        attack = case.subject.attacks[self.which]
        return Part({"broken": broken_again(case.subject, self.again, attack)})


def check_pieces(case: Case, begun: Probing, weight: float) -> list[CheckPiece]:
    """Return the pieces of what is left of the probes of ``case`` that have ``begun``.

    With twice the budget few rows break: there each attack is a piece, as none leaves out much of
    what another one broke. A limit of time is that of one attack on all rows.
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
    """Return which share of the work on a row each attack is that can work, by its number."""
    attacks = case.subject.attacks
    costs = {number: attack.cost for number, attack in enumerate(attacks) if runs(case, number)}
    return {number: cost / max(sum(costs.values()), 1) for number, cost in costs.items()}


def probed(begun: Probing, done: Iterable[tuple[CheckPiece, Part]]) -> Probes:
    """Return all probes that had ``begun``, from the parts of what was left."""
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
