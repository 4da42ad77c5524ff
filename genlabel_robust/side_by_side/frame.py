"""The differences between runs as a data frame."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from genlabel_robust.side_by_side.comparison import ComparisonFigures, Difference, Measure, Value


def differences_frame(of: ComparisonFigures) -> pd.DataFrame:
    """Return one row for each difference, in fractions, or for margins in distances."""
    return pd.DataFrame(list(_rows(of)))


def _rows(of: ComparisonFigures) -> Iterator[dict[str, Any]]:
    for subject in of.subjects:
        for measure in subject.measures:
            for one in measure.differences:
                models = subject.models[one.run], subject.models[one.reference]
                yield {
                    "dataset": subject.dataset,
                    "run": one.run,
                    "reference": one.reference,
                    "model": f"{models[0].strategy} ({models[0].architecture})",
                    "reference_model": f"{models[1].strategy} ({models[1].architecture})",
                    **_figures(measure, one),
                }


def _figures(measure: Measure, one: Difference) -> dict[str, Any]:
    median, found = one.median, one.accuracy
    ends: dict[str, Any] = {"difference": None, "low": None, "high": None, "method": None}
    if found is not None:
        ends = {
            "difference": found.value,
            "low": found.low,
            "high": found.high,
            "method": found.method,
        }
    elif median is not None:
        ends = {name: median[name] for name in ("value", "low", "high", "method")}
        ends = {"difference": ends.pop("value"), **ends}
    return {
        "measure": measure.name,
        "eps": measure.eps,
        "value": _value(measure.values[one.run]),
        "reference_value": _value(measure.values[one.reference]),
        **ends,
        "paired": one.paired,
        "worse": None if one.turned is None else len(one.turned.worse),
        "better": None if one.turned is None else len(one.turned.better),
        "reason": one.reason,
    }


def _value(value: Value) -> float | None:
    if value.accuracy is not None:
        return value.accuracy.value
    return None if value.margin is None else value.margin.median
