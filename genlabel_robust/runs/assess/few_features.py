"""The columns that alone break an example, and the fewest that do: from attacks and a search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.attacks.sparse import fewer_changes
from genlabel_robust.certify.certificate import ROUNDING, Certificate
from genlabel_robust.certify.singles.first_that_counts import first_that_counts
from genlabel_robust.certify.singles.search import QUESTIONS, single_columns
from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.core import AttackError, BoolArray, FloatArray, IntArray
from genlabel_robust.models.mislabelled import mislabelled
from genlabel_robust.runs.assess.attacking import Attacked
from genlabel_robust.runs.assess.probes import Subject
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.structure import NoStructure, Structure
from genlabel_robust.threat import within
from genlabel_robust.threat.relations.linked import given_back_together
from genlabel_robust.threat.table_columns import TableColumn, changed_columns
from genlabel_robust.threat.violations import violations


def few_features(
    subject: Subject,
    columns: Sequence[TableColumn],
    structure: Structure | NoStructure | None,
    attacked: Attacked,
    certificate: Certificate | None,
    row_name: Callable[[int], str] = "row {}".format,
    most: int = QUESTIONS,
) -> FewFeatures:
    """Return which few of the ``columns`` (c,) break the rows of ``subject``.

    ``structure``, ``certificate``: as for ``prove``; ``attacked``: the results of the run's
    attacks, from which unnecessary changes are removed. ``row_name``: names a row in error
    messages; ``most``: as for ``single_columns``. Raises ``AttackError`` if a row is broken by a
    change that is proved not to break it.
    """
    singles = single_columns(
        subject.model,
        structure,
        subject.space,
        subject.raw,
        subject.y,
        subject.threat.norm,
        subject.threat.eps,
        columns,
        asked=subject.quick,
        certificate=certificate,
        most=most,
    )
    candidates = _candidates(subject, columns, singles, attacked, certificate)
    candidates = _without_what_is_not_needed(subject, columns, singles, candidates)
    _refuse_contradiction(subject, columns, singles, candidates, row_name)
    looked_at = np.zeros(len(candidates.rows), dtype=np.int64)
    sparse = [_sparsest(subject, columns, candidates, eps, looked_at) for eps in subject.threat.eps]
    return FewFeatures(singles, np.stack(sparse))


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Variants ``points`` (q, d) of the examples ``rows`` (q,) that the model mislabels."""

    rows: IntArray
    points: FloatArray

    def take(self, which: BoolArray | IntArray) -> _Candidates:
        return _Candidates(self.rows[which], self.points[which])


def _candidates(
    subject: Subject,
    columns: Sequence[TableColumn],
    singles: Singles,
    attacked: Attacked,
    certificate: Certificate | None,
) -> _Candidates:
    """Return all points within the largest ε: from single columns, attacks, and proofs."""
    eps, raw = subject.threat.eps[-1], subject.raw
    parts = []
    for number, column in enumerate(columns):
        rows = np.flatnonzero(
            within(singles.upper[:, number], eps) & (singles.upper[:, number] > 0)
        )
        parts.append(_Candidates(rows, singles.points(raw, rows, column.features)))
    results = [*zip(attacked.distances, attacked.adversarial, strict=True)]
    if certificate is not None:
        results.append((certificate.upper, certificate.witness))
    for distances, points in results:
        rows = np.flatnonzero(within(distances, eps) & (distances > 0))
        parts.append(_Candidates(rows, points[rows]))
    return _Candidates(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.points for part in parts]),
    )


def _without_what_is_not_needed(
    subject: Subject,
    columns: Sequence[TableColumn],
    singles: Singles,
    candidates: _Candidates,
) -> _Candidates:
    """Return the candidates, plus versions of them without unnecessary changes."""
    # a row that one column breaks at the smallest ε needs no sparser example
    alone: BoolArray = np.asarray(within(singles.upper, subject.threat.eps[0]).any(axis=1))
    several = changed_columns(columns, subject.raw[candidates.rows], candidates.points)
    chosen = np.flatnonzero((several.sum(axis=1) > 1) & ~alone[candidates.rows])
    if not len(chosen):
        return candidates
    own, queried = candidates.rows[chosen], subject.quick or subject.model
    raw, y = subject.raw[own], subject.y[own]

    def counts(points: FloatArray, which: IntArray) -> BoolArray:
        found = np.zeros(len(which), dtype=bool)
        wrong = np.flatnonzero(queried.decide(points) != y[which])
        found[wrong] = ~violations(subject.space, raw[which[wrong]], points[wrong])
        return found

    together = given_back_together(
        [np.array(column.features) for column in columns], subject.space.relations
    )
    sparser = fewer_changes(counts, raw, candidates.points[chosen], together, subject.space.scale)
    # keep the originals, because the model itself has not yet predicted the sparser ones
    return _Candidates(
        np.concatenate([candidates.rows, own]), np.concatenate([candidates.points, sparser])
    )


def _sparsest(
    subject: Subject,
    columns: Sequence[TableColumn],
    candidates: _Candidates,
    eps: float,
    looked_at: IntArray,
) -> FloatArray:
    """Return for each row (n, d) the candidate within ``eps`` with the fewest columns, else NaN.

    Among several, the nearest one. The model itself mislabels each, in a batch and alone.
    ``looked_at`` (q,): 1 for candidates that are confirmed, -1 for refuted ones, 0 for unknown
    ones; new results are written into it.
    """
    found = np.full(subject.raw.shape, np.nan)
    before = subject.raw[candidates.rows]
    far = subject.space.distance(before, candidates.points, subject.threat.norm)
    counts = changed_columns(columns, before, candidates.points).sum(axis=1)
    order = np.lexsort((far, counts, candidates.rows))
    order = order[(within(far, eps) & (looked_at >= 0))[order]]

    def good(tried: IntArray) -> BoolArray:
        new = tried[looked_at[tried] == 0]
        looked_at[new] = np.where(_counts(subject, candidates.take(new)), 1, -1)
        return np.asarray(looked_at[tried] > 0)

    kept = first_that_counts(candidates.rows, order, good)
    found[candidates.rows[kept]] = candidates.points[kept]
    return found


def _counts(subject: Subject, tried: _Candidates) -> BoolArray:
    """Mark the candidates (q,) that the model itself mislabels and the attacker may present."""
    wrong = mislabelled(subject.quick or subject.model, tried.points, subject.y[tried.rows])
    return wrong & ~violations(subject.space, subject.raw[tried.rows], tried.points)


def _refuse_contradiction(
    subject: Subject,
    columns: Sequence[TableColumn],
    singles: Singles,
    candidates: _Candidates,
    row_name: Callable[[int], str],
) -> None:
    """Raise ``AttackError`` if a change of one column breaks what is proved of that column."""
    before = subject.raw[candidates.rows]
    marks = changed_columns(columns, before, candidates.points)
    one = np.flatnonzero(marks.sum(axis=1) == 1)
    rows, column = candidates.rows[one], marks[one].argmax(axis=1)
    far = subject.space.distance(before[one], candidates.points[one], subject.threat.norm)
    proved = singles.lower[rows, column]
    impossible = np.flatnonzero(far < proved * (1 - ROUNDING))
    if not len(impossible):
        return
    suspects = _Candidates(rows[impossible], candidates.points[one][impossible])
    wrong = impossible[_counts(subject, suspects)]
    if len(wrong):
        first = wrong[0]
        raise AttackError(
            f"{row_name(int(rows[first]))} is mislabelled when only "
            f"{columns[column[first]].name!r} is changed, at distance {far[first]:.9g}, but it is "
            f"proved that no change smaller than {proved[first]:.9g} does that; one of the two is "
            "wrong, so the numbers cannot be used: please report this"
        )
