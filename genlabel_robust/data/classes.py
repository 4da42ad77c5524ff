"""Labels of any type, and the classes that they name, told by what they look like as text."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from genlabel_robust.core import DataError, LabelsError, plural, quoted

#: A label as its owner writes it: a number, a text, a boolean.
Label: TypeAlias = Hashable


@dataclass(frozen=True)
class Classes:
    """The k ``labels`` of a model, in the order of its scores.

    Raises ``DataError`` for fewer than two, and for two that are written alike.
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
        """What the classes are called (k,)."""
        return tuple(label_text(label) for label in self.labels)

    def code(self, label: Label) -> int:
        """Return the number of the class of ``label``, -1 if it is none.

        0, 0.0 and "0" are the same class; False is 0 where no class is called "False".
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
    """Return ``label`` as class names are written: whole floats as integers."""
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
    """Return the different ``found`` labels: numbers as numbers, all else as text."""
    different = set(found)
    numbers = [value for value in different if isinstance(value, int | float)]
    if len(numbers) == len(different):
        return tuple(sorted(numbers))
    return tuple(sorted(different, key=str))


def _missing(value: Any) -> bool:
    # NaN is not itself; pandas' NA and NaT say so by their names
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value
