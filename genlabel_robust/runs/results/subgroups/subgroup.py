"""A group of test rows in a row of the results, and its difference to all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.statistics import Estimate


@dataclass(frozen=True)
class SubgroupDifference:
    """A measure of a group minus that of all other rows, under the same models.

    ``p_value``: for no difference; ``p_adjusted``: the same after Holm's correction over all groups
    of the row of results. ``least``, ``most``: certain bounds on the difference on these rows,
    whatever the open answers are; None if nothing is proved.
    """

    estimate: Estimate
    p_value: float
    p_adjusted: float
    least: float | None = None
    most: float | None = None

    @classmethod
    def from_dict(cls, found: Mapping[str, Any], n: int) -> Self:
        """Read what ``as_dict`` wrote."""
        own = {k: v for k, v in found.items() if k in _OWN}
        return cls(Estimate.from_dict({k: v for k, v in found.items() if k not in _OWN}, n), **own)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        values = json_fields(self, where_set=("least", "most"))
        return {**values.pop("estimate"), **values}


#: The fields of a difference besides its estimate.
_OWN = ("p_value", "p_adjusted", "least", "most")


@dataclass(frozen=True)
class Subgroup:
    """The accuracies on the ``n_examples`` test rows with one level, value or bin of a column.

    They are None if the group is too small, or if there is no rest to compare it with, with the
    ``reason``; ``open``: how many answers, over all seeds, are neither proved nor broken, None
    if nothing is proved. Other fields are None if they are None in the whole row of results.
    """

    column: str
    name: str
    n_examples: int
    clean_accuracy: Estimate | None = None
    robust_accuracy: Estimate | None = None
    certified_accuracy: Estimate | None = None
    exact_robust_accuracy: Estimate | None = None
    open: int | None = None
    clean_difference: SubgroupDifference | None = None
    robust_difference: SubgroupDifference | None = None
    reason: str | None = None

    @property
    def label(self) -> str:
        """The group's name for people and gates: "sex=Female"."""
        return f"{self.column}={self.name}"

    @classmethod
    def from_dict(cls, found: Mapping[str, Any], n: int) -> Self:
        """Read what ``as_dict`` wrote, for a group of ``n`` test rows in all."""
        own = found["n_examples"]
        values = {k: v for k, v in found.items() if k != "group"}
        for key, value in values.items():
            if value is not None and key.endswith("_accuracy"):
                values[key] = Estimate.from_dict(value, own)
            if value is not None and key.endswith("_difference"):
                values[key] = SubgroupDifference.from_dict(value, n)
        return cls(name=found["group"], **values)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        values = json_fields(self, where_set=("reason", "open"))
        return {("group" if key == "name" else key): value for key, value in values.items()}
