"""The files that an audit is made of, and how they are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from genlabel_robust.core import OutputError

Role: TypeAlias = Literal["data", "reference"]


@dataclass(frozen=True)
class AuditFiles:
    """A model file, the rows to test it on, and those that say how far an attacker may go.

    ``model``, ``data``, ``reference``: paths, the latter two of ``.csv`` or ``.parquet``;
    ``target``: the column of labels. ``classes``: the labels in the order of the model's
    scores, where neither it nor the data say. ``architecture`` and ``types``: as of
    ``Permission``; ``output`` and ``random_model``: as of ``plan_audit``; ``column_order``:
    whose order of columns is the model's, as of ``Tables``. ``kept_as``: where the run keeps its
    tables itself, what results call the data; ``data`` and ``reference`` are then paths in the
    run's folder. Whether a file may be executed is not part of it: that is asked anew.
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
    kept_as: str | None = None

    @property
    def dataset(self) -> str:
        """What results call the data: the file's name and the target, without the folder."""
        if self.kept_as is not None:
            return self.kept_as
        return f"{Path(self.data).name}#{self.target}"

    def as_dict(self) -> dict[str, Any]:
        """Return the files as plain JSON values, without ``kept_as`` where nothing is kept."""
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        if self.kept_as is None:
            del plain["kept_as"]
        return plain

    @property
    def tables(self) -> dict[Role, str]:
        """The paths of the tables, by what they are."""
        data: dict[Role, str] = {"data": self.data}
        return data if self.reference is None else data | {"reference": self.reference}

    def tables_in(self, folder: Path | str) -> AuditFiles:
        """Return the files of a run in ``folder``, with paths by which they can be read here."""
        if self.kept_as is None:
            return self
        paths = {role: f"{folder}/{path}" for role, path in self.tables.items()}
        return replace(self, data=paths["data"], reference=paths.get("reference"))

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> AuditFiles:
        """Return what ``as_dict`` wrote; raises ``OutputError`` if it is something else."""
        try:
            lists = {k: tuple(v) for k, v in stored.items() if isinstance(v, list)}
            return cls(**{**stored, **lists})
        except (TypeError, AttributeError) as error:
            raise OutputError(f"the run's manifest does not name its files: {error}") from error
