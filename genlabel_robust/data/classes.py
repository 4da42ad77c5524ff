"""Labels of any type and the classes that they name, compared by their text."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from genlabel_robust.core import DataError, LabelsError, plural, quoted

#: A label in its original type: a number, a text or a boolean.
Label: TypeAlias = Hashable


@dataclass(frozen=True)
class Classes:
    """The k ``labels`` of a model, in the order of its scores.

    Raises ``DataError`` for fewer than two classes, and if two have the same text.
    """

    labels: tuple[Label, ...]

    def __post_init__(self) -> None:
        if len(set(self.names)) < 2:
            raise DataError(
                f"there is only one class, {quoted(self.names)}; at least two are needed"
            )
        if min(len(set(self.names)), len(set(self.labels))) < len(self.labels):
            raise DataError(f"two of the classes are written in the same way: {quoted(self.names)}")

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the classes (k,)."""
        return tuple(label_text(label) for label in self.labels)

    def code(self, label: Label) -> int:
        """Return the number of the class of ``label``, -1 if there is no such class.

        0, 0.0 and "0" are the same class; False is 0 unless a class is called "False".
        """
        found = self._number.get(label)
        if found is None:
            found = self._number.get(label_text(label), -1)
        return found

    @cached_property
    def _number(self) -> dict[Label, int]:
        codes = {label: code for code, label in enumerate(self.labels)}
        return {**codes, **{name: code for code, name in enumerate(self.names)}}


def label_text(label: Label) -> str:
    """Return the name of the class ``label``; whole floats are written as integers."""
    if isinstance(label, np.generic):
        label = label.item()
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def labels(y: Any) -> list[Label]:
    """Return the labels ``y`` (n,) as plain Python values; raises ``DataError``."""
    if len(np.shape(y)) != 1:
        raise LabelsError(f"has shape {np.shape(y)}; it must be (n,), one label for each row of x")
    values = y.tolist() if hasattr(y, "tolist") else list(y)
    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    missing = sum(_missing(value) for value in values)
    if missing:
        raise LabelsError(
            f"has no label in {plural(missing, 'row')}; label these rows, or leave them out"
        )
    return values


def in_order(found: Sequence[Label]) -> tuple[Label, ...]:
    """Return the distinct labels in order: as numbers if all are numbers, otherwise as text."""
    different = set(found)
    numbers = [value for value in different if isinstance(value, int | float)]
    if len(numbers) == len(different):
        return tuple(sorted(numbers))
    return tuple(sorted(different, key=str))


def _missing(value: Any) -> bool:
    # NaN differs from itself; pandas' NA and NaT are recognised by their type names
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value
