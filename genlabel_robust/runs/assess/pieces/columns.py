"""Few columns of a block of rows, and of all rows from these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.singles.search import QUESTIONS
from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.core.files.large_arrays import let_go
from genlabel_robust.runs.assess.attacking import Attacked
from genlabel_robust.runs.assess.few_features import few_features
from genlabel_robust.runs.assess.pieces.attacks import block_of
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
    n = len(case.subject.y)
    blocks = cut(n, _OF_SUMS if affine else block_of(n))
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
        adversarial=np.asarray(attacked.adversarial[:, rows]),
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


def no_columns(case: Case) -> FewFeatures:
    """Return what is known of few columns of all rows before the first piece."""
    (n, d), eps = case.subject.raw.shape, case.subject.threat.eps
    lower, upper = (
        case.new_array(name, (n, len(case.columns)), np.nan)
        for name in ("single_lower", "single_upper")
    )
    value = case.new_array("single_value", (n, d), np.nan)
    sparse = case.new_array("sparse", (len(eps), n, d), np.nan)
    return FewFeatures(Singles(lower, upper, value), sparse)


def put(found: FewFeatures, piece: ColumnPiece, part: Part) -> None:
    """Write the arrays of a piece into those of all rows."""
    for name in _ARRAYS:
        array = getattr(found.singles, name)
        array[piece.rows] = part.arrays[name]
        let_go(array)
    found.sparse[:, piece.rows] = part.arrays["sparse"]
    let_go(found.sparse)


def counted(found: FewFeatures, parts: Sequence[Part]) -> FewFeatures:
    """Return what few columns suffice for, with the rows that the pieces left out."""
    missing = sum(int(part.counts["columns"]["left_out"]) for part in parts)
    return replace(found, singles=replace(found.singles, left_out=missing))
