"""What a verdict rests on, in a type for each kind of verdict.

Their fields, in their order, are those of an endpoint in ``gate.json``, and of a case in JUnit.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.gates.verdicts.endpoint import Measure
from genlabel_robust.statistics import Estimate
from genlabel_robust.statistics.paired_median import PairedMedian

#: How two sides are compared: model against model, or trainings against trainings.
Mode: TypeAlias = Literal["checkpoint", "recipe"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class _Figures:
    """What all of them can do."""

    def as_dict(self) -> dict[str, Any]:
        """Return them as ``gate.json`` has them."""
        return json_fields(self)


@dataclass(frozen=True)
class NothingCompared(_Figures):
    """There are no figures, for a ``reason``."""

    measure: Measure
    eps: float | None
    reason: str


@dataclass(frozen=True)
class SameModel(_Figures):
    """Both sides are one model; the rates are None of margins."""

    mode: Mode
    measure: Measure
    eps: float | None
    identical: bool = field(default=True, init=False)
    n_examples: int
    n_seeds: tuple[int, int]
    baseline: Estimate | None = None
    candidate: Estimate | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return them as ``gate.json`` has them."""
        return json_fields(self, where_set=("baseline", "candidate"))


@dataclass(frozen=True)
class ComparedRates(_Figures):
    """Two rates; what is not said here is as of ``Comparison``.

    ``mcnemar_midp``: its ``evidence``. Where proofs are used, of candidate and baseline: ``open``,
    how many answers are neither proved nor broken, ``certified``, what is proved; ``exact``:
    whether nothing is open. Else None.
    """

    mode: Mode
    measure: Measure
    eps: float | None
    baseline: Estimate
    candidate: Estimate
    difference: Estimate
    max_drop: float
    gained: int | None
    lost: int | None
    n_examples: int
    n_seeds: tuple[int, int]
    p_not_worse: float
    p_worse: float
    mcnemar_midp: float | None
    needed: int | None
    exact: bool | None = None
    open: tuple[int, int] | None = None
    certified: tuple[Estimate, Estimate] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return them as ``gate.json`` has them."""
        return json_fields(self, where_set=("exact", "open", "certified"))


@dataclass(frozen=True)
class ComparedMargins(_Figures):
    """Two median margins; ``max_drop``: a share of the baseline's, ``allowed``: what that is.

    ``by``: what was compared, "exact", "bounds" or "attacks".
    """

    mode: Mode
    measure: Measure = field(default="margin", init=False)
    eps: None = field(default=None, init=False)
    max_drop: float
    allowed: float
    difference: PairedMedian
    n_examples: int
    n_seeds: tuple[int, int]
    p_worse: float
    by: str


@dataclass(frozen=True)
class RateOverFloor(_Figures):
    """A rate, and the ``least`` that it must be."""

    mode: str = field(default="floor", init=False)
    measure: Measure
    eps: float | None
    least: float
    candidate: Estimate
    n_examples: int
    n_seeds: tuple[int]


@dataclass(frozen=True)
class SavedRate(_Figures):
    """A rate that is the baseline from now on."""

    mode: str = field(default="saved", init=False)
    measure: Measure
    eps: float | None
    candidate: Estimate
    n_examples: int
    n_seeds: tuple[int]


Figures: TypeAlias = (
    NothingCompared | SameModel | ComparedRates | ComparedMargins | RateOverFloor | SavedRate
)
