"""What comparing runs says, in types; their fields are those of its JSON."""

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

#: What is compared: three accuracies as a row of the results has them, and the median margin.
Measured: TypeAlias = Literal["clean_accuracy", "robust_accuracy", "certified_accuracy", "margin"]
#: Which part of a run a setting belongs to, in the order in which differences are named.
Part: TypeAlias = Literal["attacker", "attacks", "data", "model", "software"]


@dataclass(frozen=True)
class ComparedRun:
    """A run: the ``letter`` that tables call it by, its folder, and what it is of.

    ``title``: what its user called it, None if nothing. ``digest``: the SHA-256 of its
    ``results.json``; ``model``: the audited model, None where the
    run trained its models.
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
        """What readers know it by: its title before its folder, if it has one."""
        return self.path if self.title is None else f"{self.title} ({self.path})"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return json_fields(self, where_set=("title",))


@dataclass(frozen=True)
class Setting:
    """A setting that is not the same in all runs; ``values``: by run, None where not recorded."""

    part: Part
    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Value:
    """What one run says of a measure: an ``accuracy`` or a ``margin``, or a ``reason`` for none.

    ``exact``: whether the number is the true one for these rows; None of clean accuracies.
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
    """The rows, by their numbers in the data, that one run has right and the other has not.

    Of several seeds: that fewer, or more, of the seeds have right. ``states``: how many rows went
    from which state to which other, where both runs have one seed; else empty.
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
    """Why an interval is wide: there are ``few`` seeds, or rows, ``now``.

    ``times``: by how much narrower ``more`` of them would make it, all else equal.
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
    """A measure of ``run`` minus that of ``reference``, both letters.

    ``paired``: whether row by row. ``accuracy`` or ``median``: the difference, None for a
    ``reason``. ``between``: of robust accuracies, the lowest and the highest that the true
    difference may be, whatever became of the open answers; None where there are none, or nothing
    is proved. ``by``: of margins, "exact" or "attacks", whose distances are upper bounds.
    ``wide``: why the interval of ``accuracy`` is wide, None if it is not.
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
    """One measure of a subject, at ``eps`` where it has one: in each run, and the differences."""

    name: Measured
    eps: float | None
    values: Mapping[str, Value]
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Model:
    """The model that one run brings to a subject: its names, test rows and seeds.

    ``unpaired``: why its rows are not paired with those of the subject's first run, None if they
    are; ``same``: whether its weights are those of the first run's model.
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
    """What is compared with what: a model of each run, by its letter; the first is the reference.

    ``dataset``: of the first; ``norm``: of its attacker.
    """

    dataset: str
    norm: str
    models: Mapping[str, Model]
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True)
class ComparisonFigures:
    """Runs side by side: the settings that differ, what a reader must know, and the numbers.

    ``level``: of all intervals. ``alone``: what only one of the runs has.
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
    """Return what ``of`` holds as JSON values; types without an ``as_dict`` field by field."""

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
