"""A callable of rows -> labels (n,), scores (n, k), or one score of two classes."""

from dataclasses import dataclass
from typing import Any

from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.function import function_view
from genlabel_robust.models.inputs.view import View
from genlabel_robust.models.supplied.without_gradients import WithoutGradients


@dataclass(frozen=True, eq=False)
class SuppliedFunction(WithoutGradients):
    """A callable, of which nothing is known but what it answers."""

    @staticmethod
    def fits(model: Any) -> bool:
        """Say whether ``model`` can be called."""
        return callable(model)

    def view(self, rows: Rows) -> View:
        """Return how it sees ``rows``."""
        return function_view(rows)
