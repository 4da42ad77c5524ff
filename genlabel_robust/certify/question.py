"""The question that a certifier of any kind answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.effort import Effort
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.threat import AttackSpace, Norm


@dataclass(frozen=True, eq=False)
class Question:
    """The examples ``raw`` (n, d) to certify, which ``model`` labels correctly as ``y`` (n,).

    ``structure``: that of the model, of the kind that the certifier is registered for; ``eps``: the
    budgets to decide at, ascending; ``names`` (n,): name the examples in error messages.
    """

    structure: Any
    model: Model
    space: AttackSpace
    raw: FloatArray
    y: IntArray
    norm: Norm
    eps: tuple[float, ...]
    names: tuple[str, ...]

    @property
    def arguments(
        self,
    ) -> tuple[Any, Model, AttackSpace, FloatArray, IntArray, Norm, tuple[float, ...]]:
        """The fields in the order in which the functions for each kind of structure take them."""
        return self.structure, self.model, self.space, self.raw, self.y, self.norm, self.eps


#: Certifies the examples of a question; a row's result does not depend on the others. Arguments:
#: the question; the effort; a function that returns True once no new work may begin; a function
#: that is called with the number of rows done.
Certifier: TypeAlias = Callable[
    [Question, Effort, Callable[[], bool], Callable[[int], None]], Certificate
]
