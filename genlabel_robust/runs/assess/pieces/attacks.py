"""Attacks on blocks of rows, and their combination to results of all rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.choice import chosen
from genlabel_robust.core.files.large_arrays import let_go
from genlabel_robust.runs.assess.attacking import Attacked, attack_target
from genlabel_robust.runs.assess.pieces.piece import Case, Part, add_counts, cut, whole
from genlabel_robust.threat.norms import gives

#: Rows per block of attacks. Smaller blocks take nearly as long, larger ones are too few.
BLOCK = 256
#: With more rows than the first number, blocks have the second size, and are worth storing.
_MANY, _LARGE = 1 << 16, 2048

_ARRAYS = ("distances", "outcomes", "queries", "adversarial", "tried")


@dataclass(frozen=True)
class AttackPiece:
    """The attacks ``which`` of a case, by number, on ``rows``."""

    rows: slice
    which: tuple[int, ...]
    name: str
    weight: float

    @property
    def key(self) -> str:
        """A name made of the attacks and the first row."""
        return f"attack-{'-'.join(map(str, self.which))}-{self.rows.start}"

    def work(self, case: Case) -> Part:
        """Attack the rows that the model classifies correctly, and verify."""
        attacks = case.subject.attacks
        found = attack_target(
            case.target.subset(np.arange(self.rows.start, self.rows.stop)),
            case.subject.threat,
            tuple(attacks[number] for number in self.which),
            case.subject.seed,
            correct=case.correct[self.rows],
            when=case.subject.when,
            early_stop=case.early_stop,
            watch=case.watch,
            max_seconds=case.max_seconds,
        )
        return Part.of(found, _ARRAYS, found.evidence)


def attack_pieces(case: Case, weights: Sequence[float]) -> list[AttackPiece]:
    """Return the pieces of all attacks of ``case`` that can work, with their ``weights``.

    With early stop all attacks on a block form one piece. Under a time limit an attack has all
    rows in one piece, so that the limit applies to the attack, whatever runs in parallel.
    """
    of, n = case.subject, len(case.subject.y)
    if not of.space.mutable.any():
        return []
    able = [number for number, _ in enumerate(of.attacks) if runs(case, number)]
    together = [tuple(able)] if case.early_stop and able else [(number,) for number in able]
    blocks = whole(n) if case.max_seconds is not None else cut(n, block_of(n))
    return [
        AttackPiece(
            rows,
            which,
            of.attacks[which[0]].name if len(which) == 1 else "attacks",
            sum(weights[number] for number in which) * (rows.stop - rows.start) / max(n, 1),
        )
        for which in together
        for rows in blocks
        if case.correct[rows].any()
    ]


def block_of(n: int) -> int:
    """Return the largest number of rows per block, for ``n`` rows."""
    return BLOCK if n <= _MANY else _LARGE


def runs(case: Case, number: int) -> bool:
    """Say whether the attack ``number`` of ``case`` runs on its model."""
    of, attack = case.subject, case.subject.attacks[number]
    return gives(of.model.knowledge, attack.needs) and chosen(attack, of.when, case.target)


def nothing_attacked(case: Case) -> Attacked:
    """Return the initial results of ``case``, before the first attack."""
    of, (n, d) = case.subject, case.subject.raw.shape
    a, wrong = len(of.attacks), ~case.correct
    found = Attacked(
        distances=np.where(wrong, 0.0, np.full((a, n), np.inf)),
        outcomes=np.where(
            wrong, int(Outcome.MISCLASSIFIED), np.full((a, n), int(Outcome.SURVIVED))
        ),
        queries=np.zeros((a, n), dtype=np.int64),
        adversarial=case.new_array("adversarial", (a, n, d), np.nan),
        evidence={},
        tried=None if case.max_seconds is None else np.full((a, n), np.inf),
        not_chosen=tuple(one.name for one in of.attacks if not chosen(one, of.when, case.target)),
    )
    for number in range(a):
        if not runs(case, number):
            found.outcomes[number, case.correct] = int(Outcome.NOT_APPLICABLE)
    return found


def put(found: Attacked, piece: AttackPiece, part: Part) -> None:
    """Write the arrays of a piece into those of all rows."""
    for name, array in part.arrays.items():
        getattr(found, name)[list(piece.which), piece.rows] = array
    let_go(found.adversarial)


def count(found: Attacked, done: Iterable[tuple[AttackPiece, Part]]) -> None:
    """Add up the counts of all pieces, in an order that does not depend on who did them."""
    for _, part in sorted(done, key=lambda one: (one[0].which, one[0].rows.start)):
        for name, counts in part.counts.items():
            add_counts(found.evidence, name, counts)
