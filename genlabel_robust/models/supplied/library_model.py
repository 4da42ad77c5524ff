"""Supplied models in their library's own format."""

from dataclasses import dataclass
from typing import Any

from genlabel_robust.core import ConfigurationError
from genlabel_robust.data.classes import Classes, Label, label_text
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.library import LibraryAdapter, library_view
from genlabel_robust.models.adapters.library_model import LibraryModel
from genlabel_robust.models.inputs.view import View
from genlabel_robust.models.model import Model
from genlabel_robust.models.supplied.supplied import Supplied


@dataclass(frozen=True, eq=False)
class SuppliedLibraryModel(Supplied):
    """A ``LibraryModel``, which gets the columns that it names."""

    model: LibraryModel

    @staticmethod
    def fits(model: Any) -> bool:
        """Return whether ``model`` has all members of a ``LibraryModel``."""
        return isinstance(model, LibraryModel)

    @property
    def classes(self) -> tuple[Label, ...] | None:
        """The labels in its file."""
        return None if self.model.classes is None else tuple(self.model.classes)

    @property
    def n_scores(self) -> int | None:
        """Its number of classes."""
        return int(self.model.n_classes)

    def view(self, rows: Rows) -> View | None:
        """Return the view through which it takes ``rows``; raises ``ConfigurationError``."""
        return library_view(self.model, rows)

    def misreading(self, rows: Rows) -> View | None:
        """Return its view of ``rows`` if that is a frame, whose types may matter; or None."""
        return self.view(rows) if self.model.takes == "frame" else None

    def ask(self, model_rows: Any) -> Any:
        """Return its scores, or its predictions if it has no scores."""
        function = self.model.codes if self.model.knowledge == "decisions" else self.model.scores
        return function(model_rows)

    def answer(self, rows: Rows) -> Any:
        """Return its scores, or 1 for the predicted class."""
        return LibraryAdapter(self.model, library_view(self.model, rows)).scores(rows.x)

    def adapted(self, rows: Rows, classes: Classes, n_scores: int | None) -> Model:
        """Return it as a model of encoded rows."""
        if n_scores != 1 and self.model.classes is not None:
            self._refuse_other(classes, tuple(map(label_text, self.model.classes)))
        return LibraryAdapter(self.model, library_view(self.model, rows))

    @staticmethod
    def _refuse_other(classes: Classes, own: tuple[str, ...]) -> None:
        if own != classes.names:
            raise ConfigurationError(
                f"the model says that its classes are {list(own[:10])}, in this order, not "
                f"{list(classes.names[:10])}; leave out the classes"
            )
