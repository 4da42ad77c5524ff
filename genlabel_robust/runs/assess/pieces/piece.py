"""Pieces of an assessment: work on some rows, with a result that does not depend on who does it."""

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
    """The data that all pieces of one assessment share.

    ``subject``: with all n rows, and with the model for attacks; ``ids`` (n,): the rows' numbers
    in their source; ``correct`` (n,): whether the model classifies them correctly; ``structure``:
    that of the model, None if it was not read. ``certify``, ``columns``, ``early_stop``,
    ``watch``, ``max_seconds``: as for ``assess`` and ``attack_model``. ``new_array``: makes the
    arrays with data of all rows.
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
        """All rows as a target of attacks, with one query of the pool for all pieces."""
        of = self.subject
        return AttackTarget(of.quick or of.model, of.space, of.raw, of.y, of.pool)

    def rows(self, rows: slice) -> Subject:
        """Return the subject with these rows only."""
        return replace(self.subject, raw=self.subject.raw[rows], y=self.subject.y[rows])

    def row_name(self, row: int) -> str:
        """Return the name of a row for error messages."""
        return f"row {self.ids[row]} of the source"


@dataclass(frozen=True, eq=False)
class Part:
    """The result of a piece: ``arrays`` and ``counts`` by name, and its duration."""

    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    seconds: float = 0.0

    @classmethod
    def of(
        cls, found: Any, names: Sequence[str], counts: Mapping[str, Mapping[str, float]]
    ) -> Self:
        """Return a part with those arrays of ``found`` in ``names`` that are not None."""
        arrays = {name: getattr(found, name) for name in names}
        return cls({name: one for name, one in arrays.items() if one is not None}, counts)


def add_counts(known: dict[str, dict[str, float]], name: str, more: Mapping[str, float]) -> None:
    """Add the counts ``more`` to those in ``known`` under ``name``."""
    counts = known.setdefault(name, {})
    for key, count in more.items():
        counts[key] = counts.get(key, 0) + count


class Piece(Protocol):
    """A piece of work, whose result does not depend on where and beside what it is done.

    ``key``: unique within its case; ``name``: for progress reports; ``weight``: the estimated
    amount of work.
    """

    @property
    def key(self) -> str:
        """A key that is unique within its case."""

    @property
    def name(self) -> str:
        """The name in progress reports."""

    @property
    def weight(self) -> float:
        """The estimated amount of work."""

    def work(self, case: Case) -> Part:
        """Do the work."""


#: Carries out pieces of a case, and yields the number and the result of each, in any order.
CarryOut: TypeAlias = Callable[[Case, Sequence[Piece]], Iterator[tuple[int, Part]]]


def done(piece: Piece, case: Case) -> Part:
    """Do ``piece`` of ``case``, and record its duration."""
    started = time.perf_counter()
    part = piece.work(case)
    let_go(case.subject.raw)
    return replace(part, seconds=time.perf_counter() - started)


def in_turn(case: Case, pieces: Sequence[Piece]) -> Iterator[tuple[int, Part]]:
    """Do one piece after the other in this process."""
    for number, piece in enumerate(pieces):
        yield number, done(piece, case)


def whole(n: int) -> list[slice]:
    """Return ``n`` rows as one block."""
    return [slice(0, n)]


def cut(n: int, size: int) -> list[slice]:
    """Divide ``n`` rows into blocks of nearly equal size, at most ``size``, by ``n`` alone."""
    count = max(1, -(-n // size))
    edges = np.linspace(0, n, count + 1).astype(int).tolist()
    return [slice(low, high) for low, high in pairwise(edges)]
