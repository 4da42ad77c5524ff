"""The description of a data set in the results: test data, and ε in the units of its features."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.data.concern import Concern
from genlabel_robust.data.task import Ranges
from genlabel_robust.strategies.diagnostics import Diagnostics
from genlabel_robust.threat import ThreatModel

Moves: TypeAlias = Literal["whole", "category"]


@dataclass(frozen=True)
class Feature:
    """A feature, and how far each budget of the run can move it, in its own unit.

    ``moves``: the kind of moves if it is not continuous, None if it is, or cannot change;
    ``reach``: for one that ``moves``, the largest possible change at each budget.
    """

    name: str
    mutable: bool
    raw_eps: tuple[float, ...]
    moves: Moves | None = None
    reach: tuple[float, ...] | None = None

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Read what ``as_dict`` wrote."""
        budgets = {key: tuple(found[key]) for key in ("raw_eps", "reach") if key in found}
        return cls(**{**found, **budgets})

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        return json_fields(self, where_set=("moves", "reach"))


#: Fields that are left out of the file if they have no content.
_WHERE_SET = ("n_columns", "column_order", "concerns", "checks_sample")


@dataclass(frozen=True)
class Dataset:
    """The fields of a data set in ``results.json``; its schema defines their meaning.

    ``n_columns``: None in older results. ``diagnostics``: by strategy.
    """

    content_hash: str
    fingerprint: Mapping[str, str]
    n_train: int
    n_test: int
    classes: tuple[str, ...]
    scaling: str
    notices: tuple[str, ...]
    diagnostics: Mapping[str, Diagnostics | None]
    features: tuple[Feature, ...]
    n_columns: int | None = None
    column_order: str | None = None
    ranges: Ranges = "training"
    concerns: tuple[Concern, ...] = ()
    checks_sample: int | None = None

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Read what ``as_dict`` wrote."""
        typed = {
            "classes": tuple(found["classes"]),
            "notices": tuple(found["notices"]),
            "diagnostics": {
                name: None if one is None else Diagnostics(**one)
                for name, one in found["diagnostics"].items()
            },
            "features": tuple(map(Feature.from_dict, found["features"])),
            "concerns": tuple(map(Concern.from_dict, found.get("concerns", ()))),
        }
        return cls(**{**found, **typed})

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        values = json_fields(self, where_set=_WHERE_SET)
        return {k: v for k, v in values.items() if (k, v) != ("ranges", "training")}

    def raw_units(self, threat: ThreatModel) -> FloatArray:
        """Return one unit of ε in each feature's own unit; under L0 its largest possible change."""
        if threat.norm != "l0":
            return np.array([feature.raw_eps[0] for feature in self.features]) / threat.eps[0]
        most = np.array([max(feature.raw_eps) for feature in self.features])
        return np.where(most > 0, most, 1.0)

    @property
    def columns(self) -> int:
        """The number of columns of the table; a column can be several features."""
        return len(self.features) if self.n_columns is None else self.n_columns
