"""The types of a comparison's result, whose fields are those of its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.core.files.parsing import read_json
from genlabel_robust.runs.results.margins import Margin
from genlabel_robust.statistics import Estimate
from genlabel_robust.statistics.paired_median import PairedMedian

SCHEMA_VERSION = "1.0"

#: The measures compared: the three accuracies of a row of results, and the median margin.
Measured: TypeAlias = Literal["clean_accuracy", "robust_accuracy", "certified_accuracy", "margin"]
#: The part of a run that a setting belongs to, in the order in which differences are listed.
Part: TypeAlias = Literal["attacker", "attacks", "data", "model", "software"]


@dataclass(frozen=True)
class ComparedRun:
    """A run in a comparison.

    ``letter``: its name in tables. ``path``: its folder. ``finished``: the time, ISO 8601.
    ``model``: the audited model, None if the run trained its models. ``digest``: the SHA-256 of
    its ``results.json``. ``title``: the user's title, or None.
    """

    letter: str
    path: str
    finished: str
    suite: str
    model: str | None
    digest: str | None
    title: str | None = None

    @property
    def name(self) -> str:
        """The name for readers: the title if there is one, with the folder."""
        return self.path if self.title is None else f"{self.title} ({self.path})"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return json_fields(self, where_set=("title",))


@dataclass(frozen=True)
class Setting:
    """A setting that differs; ``values``: letter of a run -> value, None if not recorded."""

    part: Part
    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Value:
    """One run's value of a measure: an ``accuracy`` or a ``margin``, or a ``reason`` for none.

    ``exact``: whether no row is open, so that the value is exact for these rows; None for clean
    accuracies.
    """

    accuracy: Estimate | None = None
    margin: Margin | None = None
    exact: bool | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return json_fields(self, where_set=("accuracy", "margin", "exact", "reason"))


@dataclass(frozen=True)
class Turned:
    """The rows that only one of two runs gets right, by their numbers in the data.

    ``worse``, ``better``: rows that are correct in fewer, or more, seeds of the run than of the
    reference. ``states``: (state before, state now, number of rows) if both runs have one seed,
    else empty.
    """

    worse: tuple[int, ...]
    better: tuple[int, ...]
    states: tuple[tuple[str, str, int], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        states = [{"from": a, "to": b, "rows": n} for a, b, n in self.states]
        return {"worse": list(self.worse), "better": list(self.better), "states": states}


@dataclass(frozen=True)
class Wide:
    """Why an interval is wide: too few seeds or rows.

    ``few``: which of the two. ``now``: how many there are. With ``more`` of them, and all else
    equal, the interval would be narrower by the factor ``times``.
    """

    few: Literal["seeds", "rows"]
    now: int
    more: int
    times: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return json_fields(self)


@dataclass(frozen=True)
class Difference:
    """A measure of ``run`` minus that of ``reference``, which are letters.

    ``paired``: whether rows are paired. ``accuracy`` or ``median``: the difference; both are None
    if there is a ``reason``. ``between``: for robust accuracies, the lowest and the highest
    possible true difference, given the open rows; None without open rows or without proofs.
    ``turned``: the rows that changed. ``by``: for margins, "exact", or "attacks" for upper bounds
    on the distances. ``wide``: why the interval of ``accuracy`` is wide, None if it is not.
    """

    run: str
    reference: str
    paired: bool
    accuracy: Estimate | None = None
    median: PairedMedian | None = None
    between: tuple[Estimate, Estimate] | None = None
    turned: Turned | None = None
    by: Literal["exact", "attacks"] | None = None
    reason: str | None = None
    wide: Wide | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        optional = ("accuracy", "median", "between", "turned", "by", "reason", "wide")
        return json_fields(self, where_set=optional)


@dataclass(frozen=True)
class Measure:
    """One measure of a subject, at ``eps`` or None: letter -> value, and the differences."""

    name: Measured
    eps: float | None
    values: Mapping[str, Value]
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Model:
    """One run's model in a subject: its names, and its numbers of test rows and seeds.

    ``unpaired``: why its rows are not paired with those of the subject's first run, or None.
    ``same``: whether its weights are identical to those of the first run's model.
    """

    dataset: str
    strategy: str
    architecture: str
    n_examples: int
    n_seeds: int
    unpaired: str | None = None
    same: bool = False


@dataclass(frozen=True)
class Subject:
    """Models of several runs that are compared: letter -> model; the first is the reference.

    ``dataset``, ``norm``: the data set and the attacker's norm of the first run.
    """

    dataset: str
    norm: str
    models: Mapping[str, Model]
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True)
class ComparisonFigures:
    """The result of comparing runs: the settings that differ, notes for the reader, and numbers.

    ``subjects``: the models compared. ``alone``: sentences on models that only one run has.
    ``level``: the level of all intervals, a fraction.
    """

    runs: tuple[ComparedRun, ...]
    settings: tuple[Setting, ...]
    notes: tuple[str, ...]
    subjects: tuple[Subject, ...]
    alone: tuple[str, ...] = ()
    level: float = 0.95
    schema_version: str = field(default=SCHEMA_VERSION, init=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the document that ``compare --format json`` prints."""
        return {"schema_version": self.schema_version, **_plain(self)}


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document."""
    found: dict[str, Any] = read_json(Path(__file__).with_name("comparison.schema.json"))
    return found


def _plain(of: ComparisonFigures) -> dict[str, Any]:
    """Convert ``of`` to JSON values; types without an ``as_dict`` are converted by field."""

    def plain(value: Any) -> Any:
        if hasattr(value, "as_dict"):
            return value.as_dict()
        if hasattr(value, "__dataclass_fields__"):
            return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
        if isinstance(value, Mapping):
            return {key: plain(one) for key, one in value.items()}
        return [plain(one) for one in value] if isinstance(value, tuple | list) else value

    names = ("level", "runs", "settings", "notes", "alone", "subjects")
    return {name: plain(getattr(of, name)) for name in names}
