"""The search of few columns on blocks of rows, and its combination to results of all rows."""

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

#: Rows per block of an affine model, which needs few queries for its columns.
_OF_SUMS = 4096

#: Blocks that begin before the queries of the blocks before them are known.
ROUND = 64

_ARRAYS = ("lower", "upper", "value")


@dataclass(frozen=True, eq=False)
class ColumnPiece:
    """The search of few columns on ``rows``.

    ``attacked``, ``certificate``: the known results of these rows. ``look``: whether to search
    single columns; False if earlier rows have used up the queries.
    """

    rows: slice
    attacked: Attacked
    certificate: Certificate | None
    weight: float
    look: bool = True
    name: str = "single features"

    @property
    def key(self) -> str:
        """A name made of the first row."""
        return f"columns-{self.rows.start}{'' if self.look else '-left-out'}"

    def left_out(self) -> ColumnPiece:
        """Return the piece without the search of single columns."""
        return replace(self, look=False)

    def work(self, case: Case) -> Part:
        """Search single columns, and the sparsest examples."""
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
    """Return the pieces of the search of few columns on all rows of ``case``."""
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
    """Return the part of the attack results of ``rows`` that the search needs."""
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
    """Yield the numbers of the blocks that may not search because the queries are used up.

    ``parts``: the results of the blocks in order, None for unknown ones. The decision depends only
    on the blocks before, not on who did them or when.
    """
    questions = accumulate(
        (0 if part is None else int(part.counts["columns"]["questions"]) for part in parts),
        initial=0,
    )
    for number, (before, _) in enumerate(zip(questions, parts, strict=False)):
        if before > QUESTIONS:
            yield number


def no_columns(case: Case) -> FewFeatures:
    """Return the initial results of all rows, before the first piece."""
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
    """Return the results with the total number of rows that the pieces left out."""
    missing = sum(int(part.counts["columns"]["left_out"]) for part in parts)
    return replace(found, singles=replace(found.singles, left_out=missing))
