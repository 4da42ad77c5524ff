"""All pieces of an assessment, done in the order of their dependencies."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

import numpy as np

from genlabel_robust.certify.certificate import Certificate, nothing_known
from genlabel_robust.core.files.large_arrays import let_go
from genlabel_robust.runs.assess.attacking import Attacked, Step
from genlabel_robust.runs.assess.pieces import attacks as of_attacks
from genlabel_robust.runs.assess.pieces import columns as of_columns
from genlabel_robust.runs.assess.pieces import proofs as of_proofs
from genlabel_robust.runs.assess.pieces.attacks import AttackPiece, attack_pieces
from genlabel_robust.runs.assess.pieces.checks import CheckPiece, check_pieces, probed
from genlabel_robust.runs.assess.pieces.columns import ROUND, ColumnPiece, column_pieces, left_out
from genlabel_robust.runs.assess.pieces.piece import CarryOut, Case, Part, Piece
from genlabel_robust.runs.assess.pieces.proofs import ProofPiece, proof_pieces
from genlabel_robust.runs.assess.pieces.weights import Weights
from genlabel_robust.runs.assess.probes import Probes, begin_probes
from genlabel_robust.runs.assess.proving import inside_of, why_nothing
from genlabel_robust.runs.cells.cell import Checks, Inside
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.structure import NoStructure
from genlabel_robust.threat.norms import gives

AnyPiece = TypeVar("AnyPiece", bound=Piece)

#: The name in a cell's seconds under which each kind of piece counts.
_SECONDS = {
    AttackPiece: "attack",
    ProofPiece: "certify",
    ColumnPiece: "few_features",
    CheckPiece: "checks",
}


@dataclass(eq=False)
class Work:
    """The pieces of ``case``, which ``carry_out`` does; ``on_step`` receives the progress.

    ``seconds``: the time that the pieces took, by kind.
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
        """Attack all rows and certify them, independently of each other."""
        case, structure = self.case, self.case.structure
        attacks = attack_pieces(case, self.weights.attacks)
        why = why_nothing(case.subject, structure, case.certify)
        proofs = []
        if why is None:
            proofs = proof_pieces(case, self.weights.proofs, certify_seconds)
        # proofs take longest, so they go first; cheap attacks fill the gaps at the end
        attacks.sort(key=lambda piece: -piece.weight)
        found, certificate = of_attacks.nothing_attacked(case), None
        if proofs:
            n, d = case.subject.raw.shape
            certificate = nothing_known(np.ones(n, dtype=bool), d, case.new_array)

        def take(piece: Piece, part: Part) -> None:
            if isinstance(piece, AttackPiece):
                of_attacks.put(found, piece, part)
            elif isinstance(piece, ProofPiece) and certificate is not None:
                of_proofs.put(certificate, piece, part)

        parts = self._all([*proofs, *attacks], take)
        of_attacks.count(found, _of(AttackPiece, parts))
        if structure is None or isinstance(structure, NoStructure) or certificate is None:
            return found, None, Inside(reason=why)
        cut = of_proofs.was_cut(part for _, part in _of(ProofPiece, parts))
        return found, certificate, inside_of(case.subject, structure, certificate, cut=cut)

    def columns_and_checks(
        self, found: Attacked, certificate: Certificate | None, checks: Checks
    ) -> tuple[FewFeatures | None, Probes, float]:
        """Search few columns, and probe the model; also return the seconds of the probing."""
        case, of, started = self.case, self.case.subject, time.perf_counter()
        # without a usable attack there are no results to check
        able = any(gives(of.model.knowledge, attack.needs) for attack in of.attacks)
        begun = begin_probes(of, found, checks if able else "off", case.max_seconds, certificate)
        probing = time.perf_counter() - started
        again: Sequence[Piece] = check_pieces(case, begun, self.weights.checks / 2)
        columns: list[ColumnPiece] = []
        if case.columns:
            columns = column_pieces(case, found, certificate, self.weights.checks / 2)
        few = of_columns.no_columns(case) if columns else None

        def take(piece: Piece, part: Part) -> None:
            if isinstance(piece, ColumnPiece) and few is not None:
                of_columns.put(few, piece, part)
                let_go(found.adversarial, None if certificate is None else certificate.witness)

        parts: list[Part | None] = [None] * len(columns)
        checked: list[tuple[Piece, Part]] = []
        for first in range(0, max(len(columns), 1), ROUND):
            if columns and first in left_out(parts):
                break
            looked = self._all([*again, *columns[first : first + ROUND]], take)
            again = ()
            checked += [one for one in looked if isinstance(one[0], CheckPiece)]
            for offset, (_, part) in enumerate(_of(ColumnPiece, looked)):
                parts[first + offset] = part
        # blocks beyond the limit of queries get no search of single columns
        late = [*left_out(parts)]
        for number, (_, part) in zip(
            late, self._all([columns[n].left_out() for n in late], take), strict=True
        ):
            parts[number] = part
        if few is not None:
            few = of_columns.counted(few, cast("list[Part]", parts))
        return few, probed(begun, _of(CheckPiece, checked)), probing

    def _all(
        self, pieces: Sequence[Piece], take: Callable[[Piece, Part], None]
    ) -> list[tuple[Piece, Part]]:
        """Do ``pieces``, and return each with its part, in order.

        The arrays of a part go to ``take`` at once, and are then released from memory.
        """
        if not pieces:
            return []
        self._tell(pieces[0].name)
        parts: dict[int, Part] = {}
        for number, part in self.carry_out(self.case, pieces):
            take(pieces[number], part)
            kept = isinstance(pieces[number], CheckPiece)
            parts[number] = part if kept else replace(part, arrays={})
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
