"""The rows of ``results.json`` as a flat table."""

from collections.abc import Sequence
from math import nan
from typing import Literal, TypeAlias, get_args

import pandas as pd

from genlabel_robust.runs.results.few_features import FewFeaturesRow
from genlabel_robust.runs.results.margins import Margin
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import ESTIMATES, Row
from genlabel_robust.statistics import Estimate

_KEYS = ("dataset", "strategy", "architecture", "eps", "norm", "unit", "n_examples", "n_seeds")
Quantile: TypeAlias = Literal["median", "q05", "q25", "q75"]
_QUANTILES: tuple[Quantile, ...] = get_args(Quantile)

Values: TypeAlias = dict[str, str | float | None]


def results_frame(results: Results) -> pd.DataFrame:
    """Return one row per dataset, strategy, architecture and ε; fractions; NaN for null."""
    # mappings in a file are sorted, so use the order of the run's attacks
    few = any(row.few_features is not None for row in results.rows)
    return pd.DataFrame([_flat(row, results.attacks, few=few) for row in results.rows])


def results_csv(results: Results) -> str:
    """Return the text of ``results.csv``; it is the same for results read from a file."""
    return results_frame(results).to_csv(index=False, lineterminator="\n")


def _flat(row: Row, attacks: Sequence[str], *, few: bool) -> Values:
    flat: Values = {key: getattr(row, key) for key in _KEYS}
    estimates = {name: getattr(row, name) for name in ESTIMATES}
    estimates |= {f"robust_accuracy_{name}": row.attacks.get(name) for name in attacks}
    for name, value in estimates.items():
        flat |= estimate_values(name, value)
    flat |= _margin(row.margin)
    # older runs have none
    flat |= _few(row.few_features) if few else {}
    failed = [check.name for check in row.checks if check.status != "pass"]
    return flat | {"checks_not_passed": "; ".join(failed), "reason": row.reason or ""}


def estimate_values(name: str, found: Estimate | None) -> Values:
    """Return an estimate and the ends of its interval as columns under ``name``."""
    value, low, high = (nan,) * 3 if found is None else (found.value, found.low, found.high)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _margin(margin: Margin | None) -> Values:
    return {
        "margin_kind": None if margin is None else margin.kind,
        **{f"margin_{name}": _number(getattr(margin, name, None)) for name in _QUANTILES},
        "margin_censored": nan if margin is None else margin.censored,
        **{f"margin_{name}_at_least": _number(_least(margin, name)) for name in _QUANTILES},
    }


def _few(found: FewFeaturesRow | None) -> Values:
    """Return how many answers one column alone breaks, and how many columns suffice."""
    worst = None if found is None else found.worst
    return {
        "single_features_broken": nan if found is None else found.broken,
        "single_features_open": nan if found is None else found.open,
        "worst_feature": None if worst is None else worst.name,
        "worst_feature_broken": nan if found is None else 0 if worst is None else worst.broken,
        "fewest_features_median": _number(None if found is None else found.median),
    }


def _least(margin: Margin | None, name: Quantile) -> float | None:
    """Return the low end of a quantile, which is the quantile itself where distances are known."""
    if margin is None or margin.kind == "attack":
        return None
    known: float | None = getattr(margin, name)
    return known if margin.at_least is None else margin.at_least[name]


def _number(value: float | None) -> float:
    # NaN instead of None, because a column of None only would have the dtype object
    return nan if value is None else float(value)
