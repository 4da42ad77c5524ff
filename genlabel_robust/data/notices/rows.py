"""Notices about rows: samples, classes without rows, known rows, and constant columns."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import FloatArray, IntArray, plural, quoted, shown
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.scaling import constant
from genlabel_robust.data.task import Task
from genlabel_robust.data.unknown_levels import levels_of, unknown_levels

#: The share of test rows seen in training from which on there is a notice.
WORTH_A_NOTICE = 0.05
#: By how much more of a sample than of all test rows rare classes are before there is a notice.
WORTH_WEIGHING = 0.01


def sampled(kept: int, n_test: int) -> list[str]:
    """Return a notice if only ``kept`` of the test rows are evaluated."""
    if kept == n_test:
        return []
    return [f"Of {plural(n_test, 'test row')}, a stratified sample of {kept} is evaluated."]


def grouped(groups: IntArray, column: str) -> list[str]:
    """Return a notice if test rows share a group, as intervals count rows as independent.

    ``groups`` (n,): the codes of the test rows' groups in ``column``.
    """
    n, different = len(groups), len(np.unique(groups))
    if different == n:
        return []
    return [
        f"The {plural(n, 'test row')} come from {plural(different, 'group')} of {shown(column)}. "
        "Intervals count the rows as independent: they are too narrow if rows of a group are alike."
    ]


def overrepresented(y_test: IntArray, y_all: IntArray, classes: Sequence[str]) -> list[str]:
    """Return a notice if rare classes are much of a sample only because each has a row there.

    ``y_test`` (n,), of the sample, and ``y_all`` (m,), of all test rows: codes into ``classes``.
    """
    n, m = len(y_test), len(y_all)
    if n == m:
        return []
    there, all_rows = (np.bincount(y, minlength=len(classes)) for y in (y_test, y_all))
    rare = (there > 0) & (all_rows * n < m)
    share, fair = float(there[rare].sum()) / n, float(all_rows[rare].sum()) / m
    if share - fair < WORTH_WEIGHING:
        return []
    names = quoted([label for label, is_rare in zip(classes, rare, strict=True) if is_rare])
    which = "class" if rare.sum() == 1 else "classes"
    return [
        f"A sample takes a row of each class first, so {100 * share:.1f} % of it, but only "
        f"{100 * fair:.1f} % of all test rows, have the rare {which} {names}. Rates over all rows "
        "count each row of the sample alike; raise max_examples, or read the figures by class."
    ]


def untested(y_test: IntArray, classes: Sequence[str], y_all: IntArray | None = None) -> list[str]:
    """Return notices about classes without test rows; ``y_test`` (n,): codes into ``classes``.

    ``y_all`` (m,): the codes of all rows if the test rows are a sample of them.
    """
    there = y_test if y_all is None else y_all
    absent = [label for code, label in enumerate(classes) if not (there == code).any()]
    lost = [
        label
        for code, label in enumerate(classes)
        if label not in absent and not (y_test == code).any()
    ]
    notices = []
    if lost:
        notices.append(
            f"The sample of {plural(len(y_test), 'test row')} has no row of class {quoted(lost)}: "
            "its robustness is not known, and balanced figures cover only the other classes; "
            f"raise max_examples to at least {len(classes) - len(absent)}."
        )
    if absent:
        notices.append(
            f"No test row has class {quoted(absent)}: its robustness is not known, and balanced "
            "figures cover only the other classes."
        )
    return notices


def shared(x_train: FloatArray, x_test: FloatArray, where: str = "training part") -> list[str]:
    """Return a notice about test rows that are also training rows, unless they are few."""
    known = {row.tobytes() for row in x_train}
    count = sum(row.tobytes() in known for row in x_test)
    if count < WORTH_A_NOTICE * len(x_test):
        return []
    return [
        f"{count} of {plural(len(x_test), 'test row')} are also in the {where}, with the same "
        "value of every feature: their results say little about new rows."
    ]


def fixed(x_train: FloatArray, names: Sequence[str], where: str = "training part") -> list[str]:
    """Return a notice about constant columns of ``x_train`` (n, d), called ``names`` (d,)."""
    found = [name for name, is_fixed in zip(names, constant(x_train), strict=True) if is_fixed]
    if not found:
        return []
    return [
        f"Constant in the {where}: {plural(len(found), 'feature')}, {quoted(found)}; "
        "kept as a feature, and the attacker may not change it."
    ]


def still_columns(
    encoding: Encoding | None, x_train: FloatArray, names: Sequence[str]
) -> list[str]:
    """Return a notice about the table's columns that are constant in ``x_train`` (n, d).

    ``encoding``: how the features ``names`` (d,) encode the columns; None if they are the columns.
    """
    if encoding is None:
        return fixed(x_train, names)
    still = [part.name for part, block in encoding.blocks(x_train) if constant(block).all()]
    every = np.array([name not in still for name in encoding.columns], dtype=np.float64)
    return fixed(np.stack([0 * every, every]), encoding.columns)


def still(task: Task, where: str) -> list[str]:
    """Return notices about constant columns of the training part, which is called ``where``.

    Levels of a category that may change get a separate notice: a row may leave a level that
    ``where`` lacks.
    """
    left, names = unknown_levels(task, levels_of(task)), task.feature_names
    notices = fixed(task.x_train[:, ~left], [names[i] for i in (~left).nonzero()[0]], where)
    lacking = [names[i] for i in left.nonzero()[0] if task.x_train[0, i] == 0]
    if lacking:
        notices.append(
            f"None of the {where} has {quoted(lacking)}. If a test row has such a level, the "
            "attacker may change it to another one, but no row is changed to it."
        )
    return notices
