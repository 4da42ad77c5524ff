"""How the rows that were read differ from those that a run stores."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genlabel_robust.core import (
    FloatArray,
    GenlabelRobustError,
    IntArray,
    OutputError,
    plural,
    quoted,
)
from genlabel_robust.data import Task
from genlabel_robust.data.columns.number_or_category import Category, Number
from genlabel_robust.runs.folder.inputs import read_test_rows
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.results.aggregate import data_fingerprint
from genlabel_robust.threat import attack_space

#: The part of a fingerprint that is about the ranges; all other parts are about the test rows.
_RANGES = "attack_space"


def same_test_rows(about: Mapping[str, Any], task: Task, plan: Plan) -> bool:
    """Return whether ``task`` has the run's test rows; ``about``: the data set in its results."""
    again = data_fingerprint(task, attack_space(task, plan.threat))
    stored = about.get("fingerprint")
    known = stored if isinstance(stored, dict) else {}
    return all(known.get(name) == one for name, one in again.items() if name != _RANGES)


def how_rows_differ(
    folder: Path, stored: Mapping[str, Any], about: Mapping[str, Any], task: Task
) -> str | None:
    """Return a clause about the first difference between ``task`` and the run's data.

    ``about``: the data set's entry in the results. None if the run stores too little to tell.
    """
    names = [one.get("name") for one in about.get("features", []) if isinstance(one, dict)]
    other = _columns(names, task.feature_names) if names else None
    rows = read_test_rows(folder, str(about.get("content_hash")))
    if other is not None or rows is None:
        return other
    ids, x = rows
    if len(ids) != len(task.test_ids):
        return f"it gives {len(task.test_ids)} test rows, and the run has {len(ids)}"
    if not np.array_equal(ids, task.test_ids):
        return "it gives other test rows than the run has, by their numbers"
    if x.shape != task.x_test.shape:
        return None
    return _first_row(task, x, _labels(folder, stored, task), about)


def _columns(stored: list[Any], here: tuple[str, ...]) -> str | None:
    """Return a clause about how the features ``here`` differ from ``stored``, or None."""
    missing = [str(name) for name in stored if name not in here]
    added = [name for name in here if name not in stored]
    if missing:
        return f"it lacks what the run's rows have: {quoted(missing)}"
    if added:
        return f"it has what the run's rows lack: {quoted(added)}"
    return None if tuple(stored) == here else "its columns are in another order"


def _labels(folder: Path, stored: Mapping[str, Any], task: Task) -> IntArray | None:
    """Return the test labels (n,) from the first readable cell of this data set, or None."""
    for key in stored["cells"]:
        try:
            about, result = RunFolder(folder).read_cell(key)
        except OutputError:
            continue
        if about["cell"].get("dataset") == task.name and len(result.labels) == len(task.y_test):
            return result.labels
    return None


def _first_row(
    task: Task, x: FloatArray, labels: IntArray | None, about: Mapping[str, Any]
) -> str | None:
    """Return a clause about the first test row whose values or label differ from the run's.

    ``x`` (n, d), ``labels`` (n,): the run's test rows and labels.
    """
    bad = (x != task.x_test).any(axis=1)
    wrong = np.zeros(len(bad), dtype=bool) if labels is None else labels != task.y_test
    if not (bad | wrong).any():
        return "its test rows are the run's, and other rows of it are not"
    first = int((bad | wrong).argmax())
    count = int((bad | wrong).sum())
    how = _cell(task, x[first], first) if bad[first] else _label(task, labels, first, about)
    rest = "" if count == 1 else f", and {plural(count - 1, 'other row')} differ{_s(count - 1)}"
    return f"in its row {task.test_ids[first]}, counted from 0, {how}{rest}"


def _s(count: int) -> str:
    return "s" if count == 1 else ""


def _cell(task: Task, run: FloatArray, row: int) -> str:
    """Return a clause about the first differing value in a row; ``run`` (d,): the run's row."""
    here = task.x_test[row]
    column = int((run != here).argmax())
    name = task.feature_names[column]
    if task.encoding is None:
        return f"{name!r} is {here[column]:.12g}, and the run has {run[column]:.12g}"
    blocks = (task.encoding.blocks(one[None]) for one in (run, here))
    for (part, then), (_, now) in zip(*blocks, strict=True):
        if not np.array_equal(then, now):
            return f"{part.name!r} is {_value(part, now)}, and the run has {_value(part, then)}"
    return f"{name!r} is another value than the run has"


def _value(part: Number | Category, block: FloatArray) -> str:
    """Format the value of a column from its encoding ``block`` (1, c), which may be invalid."""
    try:
        value = part.decode(block)[0]
    except (GenlabelRobustError, ValueError, IndexError, TypeError):
        return "no value of this column"
    if pd.isna(value):
        return "empty"
    if isinstance(value, float):
        return f"{value:.12g}"
    return repr(value) if isinstance(value, str) else str(value)


def _label(task: Task, labels: IntArray | None, row: int, about: Mapping[str, Any]) -> str:
    here, classes = int(task.y_test[row]), about.get("classes")
    run = -1 if labels is None else int(labels[row])
    known = classes if isinstance(classes, list) else []
    stated = repr(known[run]) if 0 <= run < len(known) else f"number {run}"
    return f"its label is {task.classes[here]!r}, and the run has {stated}"
