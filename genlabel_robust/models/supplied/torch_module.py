"""Supplied torch modules, numbers -> logits (n, k)."""

from dataclasses import dataclass
from typing import Any

from torch import nn

from genlabel_robust.data.classes import Classes
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.torch_module import ModuleAdapter, in_double, module_answer
from genlabel_robust.models.answers import answering
from genlabel_robust.models.inputs.view import refuse_not_numbers
from genlabel_robust.models.model import Model
from genlabel_robust.models.supplied.supplied import Supplied


@dataclass(frozen=True, eq=False)
class SuppliedModule(Supplied):
    """A torch module, in its own type and on its own device."""

    @staticmethod
    def fits(model: Any) -> bool:
        """Return whether ``model`` is a torch module."""
        return isinstance(model, nn.Module)

    def answer(self, rows: Rows) -> Any:
        """Return its output for ``rows``, which must be finite numbers."""
        refuse_not_numbers(rows, "a torch module")
        with answering(self.model, len(rows.x), len(rows.encoding.columns)):
            answer = module_answer(self.model, rows.x)
        return self.checked(answer, len(rows.x))

    def adapted(self, rows: Rows, classes: Classes, n_scores: int | None) -> Model:
        """Return a model with ``n_scores`` logits; for one, gradients use double precision."""
        wide = in_double(self.model, rows.x) if n_scores == 1 else None
        return ModuleAdapter(self.model, n_scores or 0, wide)
