"""The document that ``results.json`` is, with typed rows and differences."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from genlabel_robust.runs.results.differences import Difference
from genlabel_robust.runs.results.row import Row


class Results(dict[str, Any]):
    """The fields of ``results.json`` by their names; what is typed is read once, and then kept."""

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows, in the order of the run."""
        return tuple(map(Row.from_dict, self["rows"]))

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Return the differences between strategies."""
        return tuple(
            Difference.from_dict(one, self["datasets"][one["dataset"]]["n_test"])
            for one in self["differences"]
        )
