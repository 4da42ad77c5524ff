"""The document that ``results.json`` is, with typed rows and differences."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from genlabel_robust.runs.cells.canary_record import CanaryRecord
from genlabel_robust.runs.cells.model_record import ModelRecord
from genlabel_robust.runs.results.dataset import Dataset
from genlabel_robust.runs.results.differences import Difference
from genlabel_robust.runs.results.row import Row
from genlabel_robust.threat import ThreatModel


class Results(dict[str, Any]):
    """The fields of ``results.json`` by their names; what is typed is read once, and then kept."""

    @cached_property
    def model(self) -> ModelRecord | None:
        """The audited model; None where the rows are of recipes' models, by their strategies."""
        return None if self.get("model") is None else ModelRecord.of(self["model"])

    @cached_property
    def threat(self) -> ThreatModel:
        """Return what the attacker may do."""
        return ThreatModel.from_dict(self["threat"])

    @cached_property
    def canaries(self) -> Mapping[str, CanaryRecord] | None:
        """Return how the attacks did on models of known margins; None with checks off."""
        found = self["canaries"]
        if found is None:
            return None
        return {name: CanaryRecord.from_dict(one) for name, one in found.items()}

    @cached_property
    def datasets(self) -> Mapping[str, Dataset]:
        """Return the data sets by their names."""
        return {name: Dataset.from_dict(one) for name, one in self["datasets"].items()}

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows, in the order of the run."""
        return tuple(map(Row.from_dict, self["rows"]))

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Return the differences between strategies."""
        return tuple(
            Difference.from_dict(one, self.datasets[one["dataset"]].n_test)
            for one in self["differences"]
        )
