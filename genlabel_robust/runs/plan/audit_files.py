"""The files that an audit is made of, and how they are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.core import OutputError


@dataclass(frozen=True)
class AuditFiles:
    """A model file, the rows to test it on, and those that say how far an attacker may go.

    ``model``, ``data``, ``reference``: paths, the latter two of ``.csv`` or ``.parquet``;
    ``target``: the column of labels. ``classes``: the labels in the order of the model's
    scores, where neither it nor the data say. ``architecture`` and ``types``: as of
    ``Permission``; ``output`` and ``random_model``: as of ``plan_audit``; ``column_order``:
    whose order of columns is the model's, as of ``Tables``. Whether a file may be executed is
    not part of it: that is asked anew.
    """

    model: str
    data: str
    target: str
    reference: str | None = None
    classes: tuple[str, ...] = ()
    architecture: str | None = None
    types: tuple[str, ...] = ()
    output: str | None = None
    random_model: bool = False
    column_order: str | None = None

    @property
    def dataset(self) -> str:
        """What results call the data: the file's name and the target, without the folder."""
        return f"{Path(self.data).name}#{self.target}"

    def as_dict(self) -> dict[str, Any]:
        """Return the files as plain JSON values."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> AuditFiles:
        """Return what ``as_dict`` wrote; raises ``OutputError`` if it is something else."""
        try:
            lists = {k: tuple(v) for k, v in stored.items() if isinstance(v, list)}
            return cls(**{**stored, **lists})
        except (TypeError, AttributeError) as error:
            raise OutputError(f"the run's manifest does not name its files: {error}") from error
