"""Common code of supplied estimators and functions: a view of rows, and the form of the output."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from genlabel_robust.data.classes import Classes, Label, label_text
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.function import FunctionAdapter
from genlabel_robust.models.answers import answering, flat
from genlabel_robust.models.inputs.box import points_of_box
from genlabel_robust.models.inputs.view import View
from genlabel_robust.models.model import Model
from genlabel_robust.models.supplied.supplied import Form, Supplied


@dataclass(frozen=True, eq=False)
class WithoutGradients(Supplied):
    """An object that returns labels or scores for rows in the form of its ``view``."""

    @abstractmethod
    def view(self, rows: Rows) -> View:
        """Return the view through which it takes ``rows``."""

    @property
    def function(self) -> Callable[[Any], Any]:
        """The function that is called with rows."""
        function: Callable[[Any], Any] = self.model
        return function

    def ask(self, model_rows: Any) -> Any:
        """Return its output for rows in the form of its view."""
        return self.function(model_rows)

    def misreading(self, rows: Rows) -> View | None:
        """Return the view of ``rows``, since the model may misread their types."""
        return self.view(rows)

    def answer(self, rows: Rows) -> Any:
        """Return its output for ``rows``."""
        view = self.view(rows)
        with answering(self.model, len(rows.x), len(view.order)):
            answer = np.asarray(self.ask(view(rows.x)))
        return self.checked(answer, len(rows.x))

    def narrow_form(
        self, rows: Rows, answer: Any, known: Sequence[Label], output: str | None
    ) -> Form:
        """Return the form of an ``answer`` with one column.

        Floats are labels if all are among the known labels, or if all are whole, which may then be
        labels of an unknown class. An exception are zeros and ones if the output at some point of
        the box is neither, as for a net that is certain on all rows.
        """
        if self.says_labels:
            return "labels"
        if output is not None:
            return "one"
        values = flat(answer)
        if values.dtype.kind != "f" or _among(values, known):
            if values.dtype.kind != "f" or not np.isin(values, (0.0, 1.0)).all():
                return "labels"
            view = self.view(rows)
            with suppress(Exception):  # the box may contain rows that it was not made for
                model_rows = view(points_of_box(rows, 1000))
                values = flat(np.asarray(self.ask(model_rows), dtype=np.float64))
        return "labels" if (values == np.rint(values)).all() else "one"

    def adapted(self, rows: Rows, classes: Classes, n_scores: int | None) -> Model:
        """Return it as a function of encoded rows."""
        return FunctionAdapter(classes, self.view(rows), self.function, n_scores)


def _among(values: Any, known: Sequence[Label]) -> bool:
    """Return whether all ``values`` (n,) have the same text as one of the labels ``known``."""
    written = {label_text(label) for label in known}
    return all(label_text(value) in written for value in np.unique(values).tolist())
