"""The base class of supplied models, before the form of their output is known."""

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

#: The form of a model's output: labels, a score for each class, or one score for two classes.
Form: TypeAlias = Literal["labels", "scores", "one"]


@dataclass(frozen=True, eq=False)
class Supplied(ABC):
    """A supplied ``model``, with what its kind declares; every declaration is checked."""

    model: Any

    @staticmethod
    @abstractmethod
    def fits(model: Any) -> bool:
        """Return whether ``model`` is of this kind."""

    @property
    def classes(self) -> tuple[Label, ...] | None:
        """The labels of its classes in the order of its scores, None if it declares none."""
        return None

    @property
    def n_scores(self) -> int | None:
        """The number of its scores, None if only a query can tell."""
        return None

    @property
    def says_labels(self) -> bool:
        """Whether its output is always labels, whatever the values look like."""
        return False

    def view(self, rows: Rows) -> View | None:
        """Return the view through which it takes ``rows``; None for an array in data order."""
        return None

    def misreading(self, rows: Rows) -> View | None:
        """Return its view of ``rows`` if it may misread their types; None if it cannot."""
        return None

    def ask(self, model_rows: Any) -> Any:
        """Return its output for rows in the form of its view."""
        return self.model(model_rows)

    @abstractmethod
    def answer(self, rows: Rows) -> Any:
        """Return its output for ``rows``: labels (n,), scores (n, k), or one output.

        Raises ``ConfigurationError`` if it refuses them.
        """

    def form(self, rows: Rows, answer: Any, known: Sequence[Label], output: str | None) -> Form:
        """Return the form of its ``answer`` for ``rows``.

        ``known``: all known labels; ``output``: the stated meaning of its single output.
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
        """Return the form of an ``answer`` with one column; arguments as for ``form``."""
        return "one"

    @abstractmethod
    def adapted(self, rows: Rows, classes: Classes, n_scores: int | None) -> Model:
        """Return it as a model of encoded rows; ``n_scores``: None if it returns labels.

        Raises ``ConfigurationError`` if it declares other classes than ``classes``.
        """

    def checked(self, answer: Any, n: int) -> Any:
        """Return the ``answer`` for ``n`` rows; raises ``ConfigurationError`` for a wrong shape."""
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
