"""Few columns of a block of rows, and of all rows from these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.singles.search import QUESTIONS
from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.runs.assess.attacking import Attacked
from genlabel_robust.runs.assess.few_features import few_features
from genlabel_robust.runs.assess.pieces.attacks import BLOCK
from genlabel_robust.runs.assess.pieces.piece import Case, Part, cut
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.structure import Affine

#: Rows of a block of a linear model, of whose columns little is asked.
_OF_SUMS = 4096

#: Blocks that are begun before it is known how many questions those before them took.
ROUND = 64

_ARRAYS = ("lower", "upper", "value")


@dataclass(frozen=True, eq=False)
class ColumnPiece:
    """What few columns suffice for on ``rows``.

    ``attacked``, ``certificate``: what is known of them. ``look``: whether single columns are
    looked at, or left out since the rows before took all questions.
    """

    rows: slice
    attacked: Attacked
    certificate: Certificate | None
    weight: float
    look: bool = True
    name: str = "single features"

    @property
    def key(self) -> str:
        """The first row."""
        return f"columns-{self.rows.start}{'' if self.look else '-left-out'}"

    def left_out(self) -> ColumnPiece:
        """Return the piece without a look at single columns."""
        return replace(self, look=False)

    def work(self, case: Case) -> Part:
        """Look at single columns, and at the sparsest examples."""
        found = few_features(
            case.rows(self.rows),
            case.columns,
            case.structure,
            self.attacked,
            self.certificate,
            lambda row: case.row_name(self.rows.start + row),
            QUESTIONS if self.look else -1,
        )
        singles = found.singles
        arrays = {name: getattr(singles, name) for name in _ARRAYS}
        counts = {"left_out": singles.left_out, "questions": singles.questions}
        return Part(arrays | {"sparse": found.sparse}, {"columns": counts})


def column_pieces(
    case: Case, attacked: Attacked, certificate: Certificate | None, weight: float
) -> list[ColumnPiece]:
    """Return the pieces of looking at few columns of all rows of ``case``."""
    affine = isinstance(case.structure, Affine)
    blocks = cut(len(case.subject.y), _OF_SUMS if affine else BLOCK)
    return [
        ColumnPiece(
            rows,
            _of(attacked, rows),
            None if certificate is None else certificate.of(rows),
            weight / len(blocks),
        )
        for rows in blocks
    ]


def _of(attacked: Attacked, rows: slice) -> Attacked:
    """Return what is needed of what attacks did to ``rows``."""
    return replace(
        attacked,
        distances=attacked.distances[:, rows],
        outcomes=attacked.outcomes[:, rows],
        queries=attacked.queries[:, rows],
        adversarial=attacked.adversarial[:, rows],
        tried=None,
        evidence={},
    )


def left_out(parts: Sequence[Part | None]) -> Iterator[int]:
    """Yield the numbers of the blocks that come after so many questions that no more are begun.

    ``parts``: what came out of each block, in their order; None where it is not known yet. That
    depends on the blocks before alone, whoever did them, and when.
    """
    asked = accumulate(
        (0 if part is None else int(part.counts["columns"]["questions"]) for part in parts),
        initial=0,
    )
    for number, (before, _) in enumerate(zip(asked, parts, strict=False)):
        if before > QUESTIONS:
            yield number


def few_columns(case: Case, done: Iterable[tuple[ColumnPiece, Part]]) -> FewFeatures:
    """Return what few columns suffice for, of all rows, from their parts."""
    (n, d), eps = case.subject.raw.shape, case.subject.threat.eps
    wide = {"lower": len(case.columns), "upper": len(case.columns), "value": d}
    singles = {name: np.full((n, width), np.nan) for name, width in wide.items()}
    sparse, missing = np.full((len(eps), n, d), np.nan), 0
    for piece, part in done:
        for name in _ARRAYS:
            singles[name][piece.rows] = part.arrays[name]
        sparse[:, piece.rows] = part.arrays["sparse"]
        missing += int(part.counts["columns"]["left_out"])
    known = Singles(singles["lower"], singles["upper"], singles["value"], left_out=missing)
    return FewFeatures(known, sparse)
