"""A row of the results: one model, or one recipe over its seeds, at one ε."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args

from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.runs.results.certification import Certification
from genlabel_robust.runs.results.check_result import CheckResult
from genlabel_robust.runs.results.few_features import FewFeaturesRow
from genlabel_robust.runs.results.margins import Margin
from genlabel_robust.runs.results.subgroups.subgroup import Subgroup
from genlabel_robust.statistics import Estimate
from genlabel_robust.threat import Knowledge


def unable(needed: Knowledge) -> str:
    """Return why an attack that needs ``needed`` cannot work on a model."""
    return f"it needs {needed}, which the model does not give"


#: The knowledge behind each sentence of ``unable``, since a file stores only the sentence.
_NEEDED: Mapping[str, Knowledge] = {unable(needed): needed for needed in get_args(Knowledge)}
#: Fields that are left out of the file if they have no content.
_WHERE_THERE_IS_ONE = (
    "certification",
    "not_chosen",
    "not_applicable",
    "subgroups",
    "few_features",
)


@dataclass(frozen=True)
class ClassRow:
    """The accuracies on the test rows of one class."""

    name: str
    n_examples: int
    clean_accuracy: Estimate
    robust_accuracy: Estimate

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> ClassRow:
        """Read what ``as_dict`` wrote."""
        n = found["n_examples"]
        clean, robust = (Estimate.from_dict(found[f"{m}_accuracy"], n) for m in ("clean", "robust"))
        return cls(found["class"], n, clean, robust)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        return {
            "class": self.name,
            "n_examples": self.n_examples,
            "clean_accuracy": self.clean_accuracy.as_dict(),
            "robust_accuracy": self.robust_accuracy.as_dict(),
        }


@dataclass(frozen=True)
class Row:
    """The fields of a row in ``results.json``; its schema defines their meaning.

    ``attacks``, ``outcomes``: by the name of an attack. ``reason``: why numbers are None.
    """

    dataset: str
    strategy: str
    architecture: str
    eps: float
    norm: str
    unit: str
    n_examples: int
    n_seeds: int
    attacks: Mapping[str, Estimate | None]
    hyper_parameters: tuple[Mapping[str, Any], ...]
    clean_accuracy: Estimate | None = None
    robust_accuracy: Estimate | None = None
    exact_robust_accuracy: Estimate | None = None
    certified_accuracy: Estimate | None = None
    balanced_clean_accuracy: Estimate | None = None
    balanced_robust_accuracy: Estimate | None = None
    outcomes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    margin: Margin | None = None
    logit_margin: Mapping[str, float] | None = None
    per_class: tuple[ClassRow, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    reason: str | None = None
    certification: Certification | None = None
    not_chosen: Mapping[str, str] = field(default_factory=dict)
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    subgroups: tuple[Subgroup, ...] = ()
    few_features: FewFeaturesRow | None = None

    @property
    def lacking(self) -> dict[str, Knowledge | None]:
        """The needs of each attack that cannot work on the model; None for an unknown reason."""
        return {name: _NEEDED.get(reason) for name, reason in self.not_applicable.items()}

    @property
    def group(self) -> tuple[str, str, str]:
        """Data set, architecture and strategy, which seeds and budgets share."""
        return self.dataset, self.architecture, self.strategy

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Row:
        """Read what ``as_dict`` wrote; ``found`` has the names of the fields."""
        n = found["n_examples"]

        def estimate(value: Mapping[str, Any] | None) -> Estimate | None:
            return None if value is None else Estimate.from_dict(value, n)

        margin, certification = found["margin"], found.get("certification")
        few = found.get("few_features")
        typed = {
            **{name: estimate(found[name]) for name in ESTIMATES},
            "attacks": {name: estimate(value) for name, value in found["attacks"].items()},
            "margin": None if margin is None else Margin.from_dict(margin),
            "certification": None if certification is None else Certification(**certification),
            "few_features": None if few is None else FewFeaturesRow.from_dict(few),
            "per_class": tuple(map(ClassRow.from_dict, found["per_class"])),
            "checks": tuple(CheckResult(**check) for check in found["checks"]),
            "hyper_parameters": tuple(found["hyper_parameters"]),
            "subgroups": tuple(Subgroup.from_dict(one, n) for one in found.get("subgroups", ())),
        }
        return cls(**{**found, **typed})

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        return json_fields(self, where_set=_WHERE_THERE_IS_ONE)


#: The accuracies of a row besides those under each attack.
ESTIMATES = tuple(one.name for one in fields(Row) if one.name.endswith("_accuracy"))
