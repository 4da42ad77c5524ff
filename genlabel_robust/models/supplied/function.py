"""Supplied callables of rows: labels (n,), scores (n, k), or one score for two classes."""

from dataclasses import dataclass
from typing import Any

from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.function import function_view
from genlabel_robust.models.inputs.view import View
from genlabel_robust.models.supplied.without_gradients import WithoutGradients


@dataclass(frozen=True, eq=False)
class SuppliedFunction(WithoutGradients):
    """A callable, of which only the output is known."""

    @staticmethod
    def fits(model: Any) -> bool:
        """Return whether ``model`` can be called."""
        return callable(model)

    def view(self, rows: Rows) -> View:
        """Return the view through which it takes ``rows``."""
        return function_view(rows)
