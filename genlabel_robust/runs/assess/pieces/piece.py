"""What a piece of an assessment is: some work on some rows, whoever does it, and what comes out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from genlabel_robust.certify.effort import Effort
from genlabel_robust.core import BoolArray, IntArray
from genlabel_robust.core.files.large_arrays import NewArray, in_memory, let_go
from genlabel_robust.runs.assess.probes import Subject
from genlabel_robust.structure import NoStructure, Structure
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.table_columns import TableColumn


@dataclass(frozen=True, eq=False)
class Case:
    """All that pieces of one assessment have in common.

    ``subject``: with all n rows, and the model as attacks ask it; ``ids`` (n,): what the rows are
    called in their source; ``correct`` (n,): whether the model labels them rightly; ``structure``:
    what is inside the model, None if nobody looked. ``certify``, ``columns``, ``early_stop``,
    ``watch``, ``max_seconds``: as of ``assess`` and ``attack_model``. ``new_array``: makes the
    arrays that hold something of all rows.
    """

    subject: Subject
    ids: IntArray
    correct: BoolArray
    structure: Structure | NoStructure | None = None
    certify: Effort = "auto"
    columns: Sequence[TableColumn] = ()
    early_stop: bool = False
    watch: bool = False
    max_seconds: float | None = None
    new_array: NewArray = in_memory

    @cached_property
    def target(self) -> AttackTarget:
        """All rows as attacks see them; what the model says of the pool is asked once."""
        of = self.subject
        return AttackTarget(of.asked or of.model, of.space, of.raw, of.y, of.pool)

    def rows(self, rows: slice) -> Subject:
        """Return the subject with these rows alone."""
        return replace(self.subject, raw=self.subject.raw[rows], y=self.subject.y[rows])

    def row_name(self, row: int) -> str:
        """Return what an error calls a row."""
        return f"row {self.ids[row]} of the source"


@dataclass(frozen=True, eq=False)
class Part:
    """What came out of a piece: ``arrays`` and ``counts`` by their names, and how long it took."""

    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    seconds: float = 0.0

    @classmethod
    def of(
        cls, found: Any, names: Sequence[str], counts: Mapping[str, Mapping[str, float]]
    ) -> Self:
        """Return a part of the arrays of ``found`` that have these ``names`` and are not None."""
        arrays = {name: getattr(found, name) for name in names}
        return cls({name: one for name, one in arrays.items() if one is not None}, counts)


def add_counts(known: dict[str, dict[str, float]], name: str, more: Mapping[str, float]) -> None:
    """Add the counts ``more`` to those that are ``known`` under ``name``."""
    counts = known.setdefault(name, {})
    for key, count in more.items():
        counts[key] = counts.get(key, 0) + count


class Piece(Protocol):
    """A piece of work, the same wherever it is done, and whatever else is done there.

    ``key``: tells it from the others of its case; ``name``: what progress calls it; ``weight``:
    how much work it is said to be.
    """

    @property
    def key(self) -> str:
        """What tells it from the others of its case."""

    @property
    def name(self) -> str:
        """What progress calls it."""

    @property
    def weight(self) -> float:
        """How much work it is said to be."""

    def work(self, case: Case) -> Part:
        """Do it."""


#: Does pieces of a case, and yields the number of each with what came out, in any order.
CarryOut: TypeAlias = Callable[[Case, Sequence[Piece]], Iterator[tuple[int, Part]]]


def done(piece: Piece, case: Case) -> Part:
    """Do ``piece`` of ``case``, and take its time."""
    started = time.perf_counter()
    part = piece.work(case)
    let_go(case.subject.raw)
    return replace(part, seconds=time.perf_counter() - started)


def in_turn(case: Case, pieces: Sequence[Piece]) -> Iterator[tuple[int, Part]]:
    """Do one piece after the other, here."""
    for number, piece in enumerate(pieces):
        yield number, done(piece, case)


def whole(n: int) -> list[slice]:
    """Return ``n`` rows as one block."""
    return [slice(0, n)]


def cut(n: int, size: int) -> list[slice]:
    """Return ``n`` rows as blocks of nearly equal size, at most ``size``: of their number alone."""
    count = max(1, -(-n // size))
    edges = np.linspace(0, n, count + 1).astype(int).tolist()
    return [slice(low, high) for low, high in pairwise(edges)]
