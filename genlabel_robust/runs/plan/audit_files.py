"""The files of an audit, and how to read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from genlabel_robust.core import OutputError

Role: TypeAlias = Literal["data", "reference"]


@dataclass(frozen=True)
class AuditFiles:
    """A model file, the rows to test it on, and the rows that define an attacker's ranges.

    ``model``, ``data``, ``reference``: paths, the latter two of ``.csv`` or ``.parquet``;
    ``target``: the column of labels. ``classes``: the labels in the order of the model's
    scores, if neither it nor the data define it. ``architecture`` and ``types``: as in
    ``Permission``; ``output`` and ``random_model``: as for ``plan_audit``; ``column_order``:
    whose order of columns is the model's, as in ``Tables``. ``kept_as``: the name of the data in
    the results, if the run keeps its tables; ``data`` and ``reference`` are then paths in the
    run's folder. The permission to execute a file is not stored: it is requested each time.
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
        """The name of the data in the results: file name and target, without the folder."""
        if self.kept_as is not None:
            return self.kept_as
        return f"{Path(self.data).name}#{self.target}"

    def as_dict(self) -> dict[str, Any]:
        """Return the files as plain JSON values, with ``kept_as`` only if it is set."""
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        if self.kept_as is None:
            del plain["kept_as"]
        return plain

    @property
    def tables(self) -> dict[Role, str]:
        """The paths of the tables, by role."""
        data: dict[Role, str] = {"data": self.data}
        return data if self.reference is None else data | {"reference": self.reference}

    def tables_in(self, folder: Path | str) -> AuditFiles:
        """Return the files of a run in ``folder``, with paths that can be read from here."""
        if self.kept_as is None:
            return self
        paths = {role: f"{folder}/{path}" for role, path in self.tables.items()}
        return replace(self, data=paths["data"], reference=paths.get("reference"))

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> AuditFiles:
        """Read what ``as_dict`` wrote; raise ``OutputError`` for anything else."""
        try:
            lists = {k: tuple(v) for k, v in stored.items() if isinstance(v, list)}
            return cls(**{**stored, **lists})
        except (TypeError, AttributeError) as error:
            raise OutputError(f"the run's manifest does not name its files: {error}") from error
