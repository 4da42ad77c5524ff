"""The groups in all rows of results as a flat table, ``subgroups.csv``."""

from math import nan

import pandas as pd

from genlabel_robust.runs.results.frame import Values, estimate_values
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row
from genlabel_robust.runs.results.subgroups.subgroup import Subgroup, SubgroupDifference

#: The file beside ``results.csv`` in runs with groups.
SUBGROUPS = "subgroups.csv"

_ROW = ("dataset", "strategy", "architecture", "eps", "norm", "unit", "n_seeds")
_ACCURACIES = (
    "clean_accuracy",
    "robust_accuracy",
    "certified_accuracy",
    "exact_robust_accuracy",
)


def subgroups_csv(results: Results) -> str | None:
    """Return the text of ``subgroups.csv``, a line per group of each row; None without groups."""
    lines = [_flat(row, group) for row in results.rows for group in row.subgroups]
    return pd.DataFrame(lines).to_csv(index=False, lineterminator="\n") if lines else None


def _flat(row: Row, group: Subgroup) -> Values:
    flat: Values = {key: getattr(row, key) for key in _ROW}
    flat |= {"column": group.column, "group": group.name, "n_examples": group.n_examples}
    for name in _ACCURACIES:
        flat |= estimate_values(name, getattr(group, name))
    # NaN instead of None, because a column with None would have the dtype object
    flat["open"] = nan if group.open is None else float(group.open)
    for name in ("clean_difference", "robust_difference"):
        flat |= _difference(name, getattr(group, name))
    return flat | {"reason": group.reason or ""}


def _difference(name: str, found: SubgroupDifference | None) -> Values:
    ends = (None, None) if found is None else (found.least, found.most)
    least, most = (nan if end is None else end for end in ends)
    return {
        **estimate_values(name, None if found is None else found.estimate),
        f"{name}_p_value": nan if found is None else found.p_value,
        f"{name}_p_adjusted": nan if found is None else found.p_adjusted,
        f"{name}_least": least,
        f"{name}_most": most,
    }
