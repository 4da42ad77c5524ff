"""All pieces of an assessment, done in the order in which they need each other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.runs.assess.attacking import Attacked, Step
from genlabel_robust.runs.assess.pieces.attacks import AttackPiece, attack_pieces, attacked
from genlabel_robust.runs.assess.pieces.checks import CheckPiece, check_pieces, probed
from genlabel_robust.runs.assess.pieces.columns import (
    ROUND,
    ColumnPiece,
    column_pieces,
    few_columns,
    left_out,
)
from genlabel_robust.runs.assess.pieces.piece import CarryOut, Case, Part, Piece
from genlabel_robust.runs.assess.pieces.proofs import ProofPiece, proof_pieces, proved
from genlabel_robust.runs.assess.pieces.weights import Weights
from genlabel_robust.runs.assess.probes import Probes, begin_probes
from genlabel_robust.runs.assess.proving import inside_of, why_nothing
from genlabel_robust.runs.cells.cell import Checks, Inside
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.structure import NoStructure
from genlabel_robust.threat.norms import gives

AnyPiece = TypeVar("AnyPiece", bound=Piece)

#: Under which name of a cell's seconds each kind of pieces counts.
_SECONDS = {
    AttackPiece: "attack",
    ProofPiece: "certify",
    ColumnPiece: "few_features",
    CheckPiece: "checks",
}


@dataclass(eq=False)
class Work:
    """The pieces of ``case``, which ``carry_out`` does; ``on_step`` is told how far they are.

    ``seconds``: that the pieces took, by what they were.
    """

    case: Case
    carry_out: CarryOut
    weights: Weights
    on_step: Step
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_SECONDS.values(), 0.0))
    _done: float = 0.0

    def attacks_and_proofs(
        self, certify_seconds: float | None
    ) -> tuple[Attacked, Certificate | None, Inside]:
        """Attack all rows and prove what can be proved, each by itself."""
        case, structure = self.case, self.case.structure
        attacks = attack_pieces(case, self.weights.attacks)
        why = why_nothing(case.subject, structure, case.certify)
        proofs = []
        if why is None:
            proofs = proof_pieces(case, self.weights.proofs, certify_seconds)
        # proofs take longest where they do, and cheap attacks fill what is left at the end
        attacks.sort(key=lambda piece: -piece.weight)
        parts = self._all([*proofs, *attacks])
        found = attacked(case, _of(AttackPiece, parts))
        if structure is None or isinstance(structure, NoStructure) or why is not None:
            return found, None, Inside(reason=why)
        certificate, cut = proved(case, _of(ProofPiece, parts))
        return found, certificate, inside_of(case.subject, structure, certificate, cut=cut)

    def columns_and_checks(
        self, found: Attacked, certificate: Certificate | None, checks: Checks
    ) -> tuple[FewFeatures | None, Probes, float]:
        """Look at few columns, and probe the model; the last are the seconds that probing took."""
        case, of, started = self.case, self.case.subject, time.perf_counter()
        # where no attack could work there is no number to check
        able = any(gives(of.model.knowledge, attack.needs) for attack in of.attacks)
        begun = begin_probes(of, found, checks if able else "off", case.max_seconds, certificate)
        probing = time.perf_counter() - started
        again: Sequence[Piece] = check_pieces(case, begun, self.weights.checks / 2)
        columns: list[ColumnPiece] = []
        if case.columns:
            columns = column_pieces(case, found, certificate, self.weights.checks / 2)
        parts: list[Part | None] = [None] * len(columns)
        checked: list[tuple[Piece, Part]] = []
        for first in range(0, max(len(columns), 1), ROUND):
            if columns and first in left_out(parts):
                break
            looked = self._all([*again, *columns[first : first + ROUND]])
            again = ()
            checked += [one for one in looked if isinstance(one[0], CheckPiece)]
            for offset, (_, part) in enumerate(_of(ColumnPiece, looked)):
                parts[first + offset] = part
        few = self._few(columns, parts) if columns else None
        return few, probed(begun, _of(CheckPiece, checked)), probing

    def _few(self, columns: list[ColumnPiece], parts: list[Part | None]) -> FewFeatures:
        """Return what few columns suffice for; blocks that come too late have no single ones."""
        late = [*left_out(parts)]
        for number, (piece, part) in zip(
            late, self._all([columns[n].left_out() for n in late]), strict=True
        ):
            columns[number], parts[number] = cast("ColumnPiece", piece), part
        known = zip(columns, cast("list[Part]", parts), strict=True)
        return few_columns(self.case, known)

    def _all(self, pieces: Sequence[Piece]) -> list[tuple[Piece, Part]]:
        """Do ``pieces``, and return each with what came out, in their order."""
        if not pieces:
            return []
        self._tell(pieces[0].name)
        parts: dict[int, Part] = {}
        for number, part in self.carry_out(self.case, pieces):
            parts[number] = part
            self.seconds[_SECONDS[type(pieces[number])]] += part.seconds
            self._done += pieces[number].weight
            waiting = (n for n in range(len(pieces)) if n not in parts)
            self._tell(pieces[next(waiting, number)].name)
        return [(piece, parts[number]) for number, piece in enumerate(pieces)]

    def _tell(self, name: str) -> None:
        total = len(self.case.subject.attacks) + 1
        self.on_step(total * self._done / self.weights.whole, total, name)


def _of(kind: type[AnyPiece], parts: Sequence[tuple[Piece, Part]]) -> list[tuple[AnyPiece, Part]]:
    return [(piece, part) for piece, part in parts if isinstance(piece, kind)]
