"""Notices about unchanged rows that violate a relation."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import SHOWN, IntArray, shown
from genlabel_robust.data import Task
from genlabel_robust.threat.space import AttackSpace

_KEPT = (
    "an attack may change such a row into one that meets the relation, but must not make the "
    "violation larger"
)


def broken_relations(task: Task, space: AttackSpace) -> list[str]:
    """Return notices that list the relations which unchanged rows violate, with the rows."""
    if not space.relations:
        return []
    tested = ~space.relations.met(task.x_test)
    referred = ~space.relations.met(task.x_train)
    word = {"training": "training", "reference": "reference"}.get(task.ranges)
    notices = []
    for number, relation in enumerate(space.relations.relations):
        parts = []
        rows = np.flatnonzero(referred[:, number])
        if word is not None and len(rows):
            parts.append(_counted(rows, len(referred), word, rows))
        rows = np.flatnonzero(tested[:, number])
        if len(rows):
            parts.append(_counted(rows, len(tested), "evaluated", task.test_ids[rows]))
        if parts:
            notices.append(
                f"The relation {shown(relation.text)} is broken by {' and by '.join(parts)} before "
                f"any attack: {_KEPT}."
            )
    return notices


def _counted(rows: Sequence[int] | IntArray, of: int, word: str, ids: IntArray) -> str:
    named = ", ".join(str(i) for i in ids[:SHOWN])
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    rows_named = "row" if len(ids) == 1 else "rows"
    return f"{len(rows):,} of {of:,} {word} rows ({rows_named} {named}{more})"
