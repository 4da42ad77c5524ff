"""The document ``results.json``, and its parts as typed objects."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from genlabel_robust.runs.cells.canary_record import CanaryRecord
from genlabel_robust.runs.cells.model_record import ModelRecord
from genlabel_robust.runs.results.dataset import Dataset
from genlabel_robust.runs.results.differences import Difference
from genlabel_robust.runs.results.row import Row
from genlabel_robust.threat import ThreatModel


class Results(dict[str, Any]):
    """The document, for writing and comparison, with typed access to its parts.

    A part is parsed once and then cached, so the document must not be changed afterwards.
    """

    def with_names(self, strategy: str, architecture: str) -> Self:
        """Return the same results with other names for strategy and architecture of the rows."""
        names = {"strategy": strategy, "architecture": architecture}
        return type(self)({**self, "rows": [row | names for row in self["rows"]]})

    @property
    def suite(self) -> str:
        """The suite's name and version, or "custom" with its source."""
        return str(self["suite"])

    @cached_property
    def attacks(self) -> tuple[str, ...]:
        """The attacks of the run, in order."""
        return tuple(self["attacks"])

    @cached_property
    def not_chosen(self) -> Mapping[str, str]:
        """Why the suite kept attacks for other models, by their names."""
        return dict(self.get("not_chosen", {}))

    @property
    def checks(self) -> str:
        """The level of the checks: "off", "quick" or "full"."""
        return str(self["checks"])

    @property
    def max_seconds(self) -> float | None:
        """The time limit of an attack on a model, None without one."""
        return self.get("max_seconds")

    @cached_property
    def model(self) -> ModelRecord | None:
        """The audited model; None if the rows are of models by recipes, under their strategies."""
        return None if self.get("model") is None else ModelRecord.of(self["model"])

    @cached_property
    def threat(self) -> ThreatModel:
        """The threat model."""
        return ThreatModel.from_dict(self["threat"])

    @cached_property
    def canaries(self) -> Mapping[str, CanaryRecord] | None:
        """The results of the attacks on models with known margins; None with checks off."""
        found = self["canaries"]
        if found is None:
            return None
        return {name: CanaryRecord.from_dict(one) for name, one in found.items()}

    @cached_property
    def datasets(self) -> Mapping[str, Dataset]:
        """The data sets by name."""
        return {name: Dataset.from_dict(one) for name, one in self["datasets"].items()}

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows, in the order of the run."""
        return tuple(map(Row.from_dict, self["rows"]))

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """The differences between strategies."""
        return tuple(
            Difference.from_dict(one, self.datasets[one["dataset"]].n_test)
            for one in self["differences"]
        )
