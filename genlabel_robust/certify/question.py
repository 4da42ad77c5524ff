"""What a certifier is asked, whatever the kind of structure."""

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
    """Examples ``raw`` (n, d) that ``model`` classifies correctly as ``y`` (n,), and the budgets.

    ``structure``: what is inside the model, of the kind that the certifier is registered for;
    ``eps``: what to decide at, ascending; ``names`` (n,): what errors call the examples.
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
        """The fields in the order in which the certifiers of each kind take them."""
        return self.structure, self.model, self.space, self.raw, self.y, self.norm, self.eps


#: What proves something of the examples of a question. A row's result does not depend on the
#: others. Told by the effort how much to try, by ``late`` that nothing more shall be begun; tells
#: how many rows are done.
Certifier: TypeAlias = Callable[
    [Question, Effort, Callable[[], bool], Callable[[int], None]], Certificate
]
