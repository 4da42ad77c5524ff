"""Storage of the tables of relations, for runs that do not contain the reference rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray, RelationError, shown
from genlabel_robust.data import Task
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.threat.relations.bind import bind
from genlabel_robust.threat.relations.bound import Relations
from genlabel_robust.threat.relations.columns import Column, Columns
from genlabel_robust.threat.relations.dependence import Dependence


def tables_to_store(texts: Sequence[str], task: Task) -> list[dict[str, Any]]:
    """Return the tables that the relations ``texts`` use in ``task``, as plain JSON values.

    Each has its "target" and "source", columns by name, and as "rows" pairs of a source value and
    the target's value; levels are text. Raises ``RelationError`` as ``bind`` does.
    """
    fixed = np.zeros(task.n_features, dtype=bool)
    columns = Columns(task.feature_names, task.encoding, fixed, task.x_train)
    found = [table for text in texts for table in bind(text, columns).tables]
    return [_as_dict(one, columns) for one in {(t.target, t.source): t for t in found}.values()]


def relations_of_tables(
    texts: Sequence[str],
    feature_names: tuple[str, ...],
    encoding: Encoding,
    mutable: Sequence[bool],
    stored: Sequence[Mapping[str, Any]],
) -> Relations:
    """Return the relations ``texts`` from ``stored`` tables, without reference rows.

    ``feature_names``, ``mutable`` (d,): the encoded columns, and which of them may change. Raises
    ``RelationError`` for a table that is not stored, or not in the format of ``tables_to_store``.
    """
    none = np.empty((0, len(feature_names)))
    columns = Columns(feature_names, encoding, np.array(mutable, dtype=bool), none)
    tables = {(one["target"], one["source"]): one["rows"] for one in stored}

    def table(target: Column, source: Column, text: str) -> Dependence:
        rows = tables.get((target.name, source.name))
        if not rows:
            raise RelationError(
                f"relation {shown(text)} looks up {target.name!r} by {source.name!r}, but the run "
                "does not contain this table; make the run again",
                text,
            )
        keys, values = (
            _numbers(column, side, text)
            for column, side in zip((source, target), zip(*rows, strict=True), strict=True)
        )
        return Dependence(target.name, source.name, keys, values)

    return Relations(tuple(bind(text, columns, table) for text in texts))


def _as_dict(table: Dependence, columns: Columns) -> dict[str, Any]:
    target, source = (columns.named(name, "") for name in (table.target, table.source))
    sides = _written(source, table.keys), _written(target, table.values)
    rows = [list(pair) for pair in zip(*sides, strict=True)]
    return {"target": table.target, "source": table.source, "rows": rows}


def _written(column: Column, numbers: FloatArray) -> list[str] | list[float]:
    """Return numbers (v,) unchanged, and codes of levels as the levels' names."""
    if not column.levels:
        return [float(number) for number in numbers]
    names = list(column.levels)
    return [names[int(number)] for number in numbers]


def _numbers(column: Column, written: Sequence[Any], text: str) -> FloatArray:
    """Return the numbers that ``_written`` wrote."""
    names = {name: number for number, name in enumerate(column.levels)}
    try:
        return np.array([names[one] if names else float(one) for one in written], dtype=float)
    except (KeyError, TypeError, ValueError) as error:
        raise RelationError(
            f"relation {shown(text)} looks up {column.name!r}, but the table in the run is "
            f"damaged: {error}",
            text,
        ) from error
