"""The figures behind a verdict, with one type for each kind of verdict.

Their fields, in order, are those of an endpoint in ``gate.json``, and of a case in JUnit.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.gates.verdicts.endpoint import Measure
from genlabel_robust.statistics import Estimate
from genlabel_robust.statistics.paired_median import PairedMedian

#: How two sides are compared: model against model, or several trainings against several.
Mode: TypeAlias = Literal["checkpoint", "recipe"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class _Figures:
    """The base class of all figures."""

    def as_dict(self) -> dict[str, Any]:
        """Return them as ``gate.json`` has them."""
        return json_fields(self)


@dataclass(frozen=True)
class NothingCompared(_Figures):
    """A verdict without figures; ``reason`` says why."""

    measure: Measure
    eps: float | None
    reason: str


@dataclass(frozen=True)
class SameModel(_Figures):
    """Both sides have the same model; the rates are None if the measure is the margin."""

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
    """The comparison of two rates, in fractions; see ``Comparison`` for the other fields.

    ``n_seeds``: of candidate and baseline. ``mcnemar_midp``: the comparison's ``evidence``. With
    proofs, for candidate and baseline: ``open``, the numbers of rows neither proved nor broken,
    and ``certified``, the certified rates; ``exact``: whether no row is open. Else these are None.
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
    """The comparison of two median margins.

    ``max_drop``: a fraction of the baseline's median. ``allowed``: the difference that this
    allows. ``by``: the margins compared, "exact", "bounds" or "attacks".
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
    """A rate against a floor, ``least``."""

    mode: str = field(default="floor", init=False)
    measure: Measure
    eps: float | None
    least: float
    candidate: Estimate
    n_examples: int
    n_seeds: tuple[int]


@dataclass(frozen=True)
class SavedRate(_Figures):
    """A rate that was saved as the new baseline."""

    mode: str = field(default="saved", init=False)
    measure: Measure
    eps: float | None
    candidate: Estimate
    n_examples: int
    n_seeds: tuple[int]


Figures: TypeAlias = (
    NothingCompared | SameModel | ComparedRates | ComparedMargins | RateOverFloor | SavedRate
)
