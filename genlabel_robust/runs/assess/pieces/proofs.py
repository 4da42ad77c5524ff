"""Certificates of blocks of rows, and their combination to results of all rows."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.core.files.large_arrays import let_go
from genlabel_robust.runs.assess.pieces.attacks import block_of
from genlabel_robust.runs.assess.pieces.piece import Case, Part, cut
from genlabel_robust.runs.assess.proving import proved_rows
from genlabel_robust.structure import Affine, NoStructure

#: Rows per block where proofs are made row by row, each of which may take long.
ROW_BY_ROW = 32

_ARRAYS = ("lower", "upper", "witness", "work", "rounding")


@dataclass(frozen=True)
class ProofPiece:
    """The proofs of ``rows``; none begins after ``until``, in seconds since the epoch."""

    rows: slice
    weight: float
    until: float | None = None
    name: str = "proofs"

    @property
    def key(self) -> str:
        """A name made of the first row."""
        return f"proofs-{self.rows.start}"

    def work(self, case: Case) -> Part:
        """Certify the rows."""
        structure, cut_off = case.structure, False
        if structure is None or isinstance(structure, NoStructure):
            return Part()

        def late() -> bool:
            nonlocal cut_off
            cut_off = cut_off or (self.until is not None and time.time() > self.until)
            return cut_off

        found = proved_rows(
            case.rows(self.rows),
            structure,
            case.certify,
            late,
            lambda row: case.row_name(self.rows.start + row),
        )
        return Part.of(found, _ARRAYS, {"proofs": {"cut": int(cut_off)}})


def proof_pieces(case: Case, weight: float, seconds: float | None) -> list[ProofPiece]:
    """Return the pieces of certifying all rows of ``case``; none begins after ``seconds``."""
    n = len(case.subject.y)
    until = None if seconds is None else time.time() + seconds
    blocks = cut(n, block_of(n) if isinstance(case.structure, Affine) else ROW_BY_ROW)
    share = weight / len(blocks)
    return [ProofPiece(rows, share, until) for rows in blocks]


def put(found: Certificate, piece: ProofPiece, part: Part) -> None:
    """Write the certificates of a piece into the arrays of all rows."""
    if part.arrays:
        found.put(piece.rows, Certificate(**dict(part.arrays)))
        let_go(found.witness)


def was_cut(done: Iterable[Part]) -> bool:
    """Say whether a time limit prevented some of the proofs."""
    return any(bool(part.counts["proofs"]["cut"]) for part in done)
