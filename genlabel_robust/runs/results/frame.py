"""The rows of ``results.json`` as a flat table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING, Any

from genlabel_robust.runs.results.row import ESTIMATES

if TYPE_CHECKING:
    import pandas as pd

_KEYS = ("dataset", "strategy", "architecture", "eps", "norm", "unit", "n_examples", "n_seeds")
_QUANTILES = ("median", "q05", "q25", "q75")
_MARGIN = (*_QUANTILES, "censored")


def results_frame(results: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per dataset, strategy, architecture and ε; fractions; NaN for null."""
    import pandas as pd

    # a file's mappings are sorted: the order of the attacks is that of the run
    return pd.DataFrame([_flat(row, results["attacks"]) for row in results["rows"]])


def results_csv(results: Mapping[str, Any]) -> str:
    """Return the text of ``results.csv``: the same for results that were read from their file."""
    return results_frame(results).to_csv(index=False, lineterminator="\n")


def _flat(row: Mapping[str, Any], attacks: Sequence[str]) -> dict[str, Any]:
    flat = {key: row[key] for key in _KEYS}
    estimates = {name: row[name] for name in ESTIMATES}
    estimates |= {f"robust_accuracy_{name}": row["attacks"].get(name) for name in attacks}
    for name, value in estimates.items():
        flat[name] = _number(value, "value")
        flat[f"{name}_low"] = _number(value, "low")
        flat[f"{name}_high"] = _number(value, "high")
    flat["margin_kind"] = None if row["margin"] is None else row["margin"]["kind"]
    for name in _MARGIN:
        flat[f"margin_{name}"] = _number(row["margin"], name)
    flat |= _low_ends(row["margin"])
    failed = [check["name"] for check in row["checks"] if check["status"] != "pass"]
    flat["checks_not_passed"] = "; ".join(failed)
    flat["reason"] = row["reason"] or ""
    return flat


def _low_ends(margin: Mapping[str, Any] | None) -> dict[str, float]:
    """Return the least that each quantile can be: itself where distances are known."""
    least: Mapping[str, Any] | None = None
    if margin is not None and margin["kind"] != "attack":
        least = margin.get("at_least", margin)
    return {f"margin_{name}_at_least": _number(least, name) for name in _QUANTILES}


def _number(part: Mapping[str, Any] | None, name: str) -> float:
    # None would make a column without any number one of objects
    value = None if part is None else part[name]
    return nan if value is None else float(value)
