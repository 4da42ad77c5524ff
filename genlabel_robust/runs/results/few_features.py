"""Single columns and the fewest columns that break answers, in a row of the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.core.files.large_arrays import let_go, row_blocks
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.threat import AttackSpace, within
from genlabel_robust.threat.table_columns import TableColumn, changed_columns

#: Directions of a change besides up and down.
MISSING, PRESENT = "missing", "no longer missing"


@dataclass(frozen=True)
class SingleColumn:
    """A column of the table that may be changed; counts are of answers over all seeds.

    ``broken``: the answers that a change of this column alone breaks; ``open``: those for which
    that is unknown. ``toward``: the number of broken answers by the direction of their smallest
    change: "up" and "down", "missing" and "no longer missing", or the level of a category.
    ``least``, ``median``: of these changes, in raw units; None if none is numeric. ``moved``: the
    answers whose sparsest example changes this column.
    """

    name: str
    broken: int
    open: int
    moved: int
    toward: Mapping[str, int] = field(default_factory=dict)
    least: float | None = None
    median: float | None = None

    @property
    def exact(self) -> bool:
        """Whether no answer is open."""
        return not self.open

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        return json_fields(self)


@dataclass(frozen=True)
class FewFeaturesRow:
    """How few columns suffice, at one ε; counts are of answers over all seeds.

    ``correct``: correct answers on the untouched rows; ``broken``: those of them that some column
    alone breaks; ``open``: others that some column alone may break. ``columns``: those that may be
    changed, in the table's order. ``fewest``: the number of answers, by the number of columns in
    their sparsest example found; ``least``: for how many of these answers no smaller number
    suffices; for the others it may. ``left_out``: the answers that were not searched.
    """

    correct: int
    broken: int
    open: int
    columns: tuple[SingleColumn, ...]
    fewest: Mapping[str, int]
    least: int
    left_out: int = 0

    @property
    def exact(self) -> bool:
        """Whether it is known for every answer if one column alone breaks it."""
        return not self.open

    @property
    def ranked(self) -> list[SingleColumn]:
        """The columns, ordered by the answers that each breaks alone, then by ``moved``."""
        return sorted(self.columns, key=lambda one: (-one.broken, -one.moved))

    @property
    def worst(self) -> SingleColumn | None:
        """The first of the ``ranked`` columns; None if no column breaks any answer alone."""
        first = next(iter(self.ranked), None)
        return first if first is not None and first.broken else None

    @property
    def median(self) -> float | None:
        """The median number of columns in the sparsest examples; None without any."""
        counts = [int(count) for count, n in self.fewest.items() for _ in range(n)]
        return float(np.quantile(counts, 0.5, method="inverted_cdf")) if counts else None

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> FewFeaturesRow:
        """Read what ``as_dict`` wrote."""
        columns = tuple(SingleColumn(**column) for column in found["columns"])
        # mappings in a file are sorted as text
        fewest = dict(sorted(found["fewest"].items(), key=lambda one: int(one[0])))
        return cls(**{**found, "columns": columns, "fewest": fewest})

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        return json_fields(self)


def few_features_row(
    panel: Panel,
    eps: float,
    budget: int,
    columns: Sequence[TableColumn],
    space: AttackSpace,
    raw: FloatArray,
) -> FewFeaturesRow | None:
    """Return the results at ``eps``, number ``budget`` of the run's; None without a search.

    ``columns`` (c,), ``space``: of the data, whose test rows are ``raw`` (n, d).
    """
    known = [(r.few, r.predictions == r.labels) for r in panel.results if r.few is not None]
    if not known or len(known) < len(panel.results):
        return None
    seeds = [_Seed(few, clean, eps, budget, columns, raw) for few, clean in known]
    moved = [np.concatenate([seed.moved[:, i] for seed in seeds]) for i in range(len(columns))]
    counts = np.concatenate([seed.moved[seed.solved].sum(axis=1) for seed in seeds])
    return FewFeaturesRow(
        correct=sum(int(clean.sum()) for _, clean in known),
        broken=sum(int(seed.broken.any(axis=1).sum()) for seed in seeds),
        open=sum(int((seed.open.any(axis=1) & ~seed.broken.any(axis=1)).sum()) for seed in seeds),
        columns=tuple(
            _column(column, i, seeds, int(moved[i].sum()), raw)
            for i, column in enumerate(columns)
            if space.mutable[list(column.features)].any()
        ),
        fewest={str(count): int((counts == count).sum()) for count in np.unique(counts)},
        least=sum(seed.least for seed in seeds),
        left_out=sum(few.singles.left_out for few, _ in known),
    )


class _Seed:
    """One seed's answers at one ε: marks (n, c) of each column's effect."""

    def __init__(
        self,
        few: FewFeatures,
        clean: BoolArray,
        eps: float,
        budget: int,
        columns: Sequence[TableColumn],
        raw: FloatArray,
    ) -> None:
        self.few = few
        shape = len(clean), len(columns)
        self.broken, self.open, self.moved = (np.zeros(shape, dtype=bool) for _ in range(3))
        self.solved = np.zeros(len(clean), dtype=bool)
        for rows in row_blocks(len(clean)):
            self._look(rows, clean[rows], eps, budget, columns, raw)
            let_go(few.singles.lower, few.singles.upper, few.singles.value, few.sparse)

    def _look(
        self,
        rows: slice,
        clean: BoolArray,
        eps: float,
        budget: int,
        columns: Sequence[TableColumn],
        raw: FloatArray,
    ) -> None:
        """Set the marks of ``rows``."""
        singles, sparse = self.few.singles, self.few.sparse[budget, rows]
        # only a distance with a point counts: misclassified rows have the distance 0 without one
        points = [np.isfinite(singles.value[rows][:, list(one.features)]) for one in columns]
        known = np.stack([point.all(axis=1) for point in points], axis=1)
        self.broken[rows] = clean[:, None] & known & within(singles.upper[rows], eps)
        self.open[rows] = clean[:, None] & ~self.broken[rows] & within(singles.lower[rows], eps)
        self.solved[rows] = np.isfinite(sparse).all(axis=1) & clean
        self.moved[rows] = changed_columns(columns, raw[rows], sparse) & self.solved[rows, None]

    @property
    def least(self) -> int:
        """The number of answers whose sparsest example is known to have the fewest columns."""
        counts = self.moved.sum(axis=1)
        # if no column alone breaks an answer, two are the fewest
        two = (counts == 2) & ~self.broken.any(axis=1) & ~self.open.any(axis=1)
        return int((self.solved & ((counts == 1) | two)).sum())


def _column(
    column: TableColumn, number: int, seeds: Sequence[_Seed], moved: int, raw: FloatArray
) -> SingleColumn:
    toward: Counter[str] = Counter()
    sizes: list[float] = []
    for seed in seeds:
        for row in np.flatnonzero(seed.broken[:, number]):
            own = list(column.features)
            way, size = _way(column, raw[row, own], seed.few.singles.value[row, own])
            toward[way] += 1
            sizes += [] if size is None else [size]
        let_go(seed.few.singles.value)
    return SingleColumn(
        column.name,
        broken=sum(int(seed.broken[:, number].sum()) for seed in seeds),
        open=sum(int(seed.open[:, number].sum()) for seed in seeds),
        moved=moved,
        toward=dict(sorted(toward.items())),
        least=min(sizes, default=None),
        median=float(np.quantile(sizes, 0.5, method="inverted_cdf")) if sizes else None,
    )


def _way(column: TableColumn, before: FloatArray, after: FloatArray) -> tuple[str, float | None]:
    """Return the direction in which a column changes, and its size in raw units if numeric."""
    if column.levels:
        return column.levels[int(after.argmax())], None
    if column.flag is not None and (after[1] >= 0.5) != (before[1] >= 0.5):
        return (MISSING if after[1] >= 0.5 else PRESENT), None
    size = float(after[0] - before[0])
    return ("up" if size > 0 else "down"), abs(size)
