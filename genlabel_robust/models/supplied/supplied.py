"""An object that somebody supplies as a model, before it is known what it answers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from genlabel_robust.core import ConfigurationError
from genlabel_robust.data.classes import Classes, Label
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.answers import refuse_not_finite
from genlabel_robust.models.inputs.view import View
from genlabel_robust.models.model import Model

#: What a model answers: labels, a score for each class, or one for two.
Form: TypeAlias = Literal["labels", "scores", "one"]


@dataclass(frozen=True, eq=False)
class Supplied(ABC):
    """``model``, and what its kind says of it; nothing that it says is believed."""

    model: Any

    @staticmethod
    @abstractmethod
    def fits(model: Any) -> bool:
        """Say whether ``model`` is of this kind."""

    @property
    def classes(self) -> tuple[Label, ...] | None:
        """The labels that it gives its classes itself, in the order of its scores; None without."""
        return None

    @property
    def n_scores(self) -> int | None:
        """How many scores it gives, None where it has to be asked."""
        return None

    @property
    def says_labels(self) -> bool:
        """Whether what it answers is labels, whatever it looks like."""
        return False

    def view(self, rows: Rows) -> View | None:
        """Return how it sees ``rows``; None if as an array in the data's own order."""
        return None

    def misreading(self, rows: Rows) -> View | None:
        """Return how it sees ``rows`` where it may take them for others; None where it cannot."""
        return None

    def ask(self, shown: Any) -> Any:
        """Return what it says of rows as its view shows them."""
        return self.model(shown)

    @abstractmethod
    def answer(self, rows: Rows) -> Any:
        """Return what it says of ``rows``: labels (n,), scores (n, k), or one output.

        Raises ``ConfigurationError`` if it refuses them.
        """

    def form(self, rows: Rows, answer: Any, known: Sequence[Label], output: str | None) -> Form:
        """Return what an ``answer`` of it for ``rows`` is.

        ``known``: the labels that there are; ``output``: what its one output was said to be.
        """
        if answer.ndim == 2 and answer.shape[1] > 1:
            if output is not None:
                raise ConfigurationError(
                    f"the model returns {answer.shape[1]} scores for each row, but --output "
                    f"{output} (in Python: output={output!r}) is only for a single output; leave "
                    "it out"
                )
            return "scores"
        return self.narrow_form(rows, answer, known, output)

    def narrow_form(
        self, rows: Rows, answer: Any, known: Sequence[Label], output: str | None
    ) -> Form:
        """Return what an ``answer`` of one column is; arguments as of ``form``."""
        return "one"

    @abstractmethod
    def adapted(self, rows: Rows, classes: Classes, n_scores: int | None) -> Model:
        """Return it as a model of encoded rows; ``n_scores``: None for one that gives labels.

        Raises ``ConfigurationError`` if it says that its classes are not ``classes``.
        """

    def checked(self, answer: Any, n: int) -> Any:
        """Return the ``answer`` for ``n`` rows; raises ``ConfigurationError`` for another shape."""
        one = answer.shape[1:] in ((), (1,))
        several = answer.ndim == 2 and answer.shape[1] > 1 and not self.says_labels
        if not (one or several) or len(answer) != n:
            wanted = (
                "labels (n,)" if self.says_labels else "scores (n, k), one for each of k classes"
            )
            raise ConfigurationError(
                f"the model ({type(self.model).__name__}) gives an array of shape {answer.shape} "
                f"for {n} rows; it must give {wanted}"
            )
        if answer.dtype.kind == "f" and not self.says_labels:
            refuse_not_finite(np.reshape(answer, (n, -1)))
        return answer
