"""The paper's claims about GenLabel and mixup, tested on measured cells."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import t as student
from scipy.stats import wilcoxon

from genlabel_robust.paper.tables.table import markdown_table, percent, points, standard_error
from genlabel_robust.reports.tables.table import Column

#: The test of whether a strategy beats mixup beyond the data sets that were measured.
TEST = "Wilcoxon signed-rank test, two-sided, over the data sets"
#: Key of a number in a row -> key of its trials; those of published numbers are unknown.
TRIALS_OF: Mapping[str, str] = {"measured": "trials", "exact": "exact_trials"}
_ALPHA = 0.05
_ROUNDING = 1e-9
_DIGITS = 9
_VERDICTS = {True: "holds", False: "does not hold", None: "not decided"}


def claim(
    text: str,
    least: float,
    rows: Sequence[Mapping[str, Any]],
    sources: Sequence[str] = ("measured", "published"),
) -> dict[str, Any]:
    """Test whether the largest gain of a GenLabel strategy over mixup is at least ``least``.

    ``text``: the claim. ``rows``: cells with ``dataset``, ``strategy`` and a number or None for
    each of ``sources``, the first of which decides; ``TRIALS_OF`` names the trials of a source.
    The result's ``gains`` have, for each source and strategy, the largest gain, its standard error
    over the trials (paired by seed), the mean gain, and the p-value of ``TEST``.

    The result's ``holds`` is True if a gain exceeds ``least`` by more than its noise: the 0.95
    quantile of Student's t, with Bonferroni's correction for the k gains. It is False if every
    gain is below by more than its noise. Otherwise it is None, undecided: for instance with one
    trial, which has no standard error, or if no data set has both a GenLabel strategy and mixup.
    """
    strategies = dict.fromkeys(
        row["strategy"] for row in rows if row["strategy"].startswith("genlabel")
    )
    gains = [
        {"strategy": strategy, "source": source, **_gain(rows, strategy, source)}
        for source in sources
        for strategy in strategies
        if _differences(rows, strategy, source)
    ]
    return {
        "text": text,
        "least": least,
        "holds": _holds(rows, tuple(strategies), sources[0], least),
        "test": TEST,
        "gains": gains,
        "decided_by": sources[0],
    }


def _holds(
    rows: Sequence[Mapping[str, Any]], strategies: Sequence[str], source: str, least: float
) -> bool | None:
    gains = [
        (gain, *_error(rows, strategy, dataset, source))
        for strategy in strategies
        for dataset, gain in _differences(rows, strategy, source).items()
    ]
    known = [(gain, error, freedom) for gain, error, freedom in gains if error is not None]
    one_of_many = 1 - _ALPHA / max(1, len(gains))
    # with rounding, as 0.96 - 0.88 is below 0.08 in floats
    if any(g - student.ppf(one_of_many, f) * e >= least - _ROUNDING for g, e, f in known):
        return True
    if not known or len(known) < len(gains):
        return None
    below = all(g + student.ppf(1 - _ALPHA, f) * e < least - _ROUNDING for g, e, f in known)
    return False if below else None


def _gain(rows: Sequence[Mapping[str, Any]], strategy: str, source: str) -> dict[str, Any]:
    differences = _differences(rows, strategy, source)
    values = list(differences.values())
    dataset = max(differences, key=lambda name: differences[name])
    return {
        "largest": differences[dataset],
        "standard_error": _error(rows, strategy, dataset, source)[0],
        "dataset": dataset,
        "mean": sum(values) / len(values),
        "n_datasets": len(values),
        "p_value": _p_value(values) if len(values) > 1 else None,
    }


def _p_value(differences: Sequence[float]) -> float:
    # rounded, as equal means may differ by 1e-16, and the test would use the sign of that
    rounded = np.round(differences, _DIGITS)
    return float(wilcoxon(rounded, zero_method="pratt").pvalue) if rounded.any() else 1.0


def _error(
    rows: Sequence[Mapping[str, Any]], strategy: str, dataset: str, source: str
) -> tuple[float | None, int]:
    """Return the standard error of a gain, None if unknown, and its degrees of freedom."""
    name = TRIALS_OF.get(source, "")
    trials = {row["strategy"]: row.get(name) for row in rows if row["dataset"] == dataset}
    ours, mixup = trials.get(strategy), trials.get("mixup")
    if ours is None or mixup is None or len(ours) != len(mixup):
        return None, 0
    return standard_error(np.subtract(ours, mixup)), len(ours) - 1


def _differences(rows: Sequence[Mapping[str, Any]], strategy: str, source: str) -> dict[str, float]:
    """Return data set -> ``strategy`` minus mixup, for each data set that has both."""
    cells = {(row["dataset"], row["strategy"]): row[source] for row in rows}
    pairs = {
        dataset: (value, cells.get((dataset, "mixup")))
        for (dataset, name), value in cells.items()
        if name == strategy
    }
    return {
        dataset: value - reference
        for dataset, (value, reference) in pairs.items()
        if value is not None and reference is not None
    }


def claim_lines(claim: Mapping[str, Any]) -> Iterator[str]:
    """Yield the conclusion on one claim, and the gains behind it."""
    measured = [gain for gain in claim["gains"] if gain["source"] == claim["decided_by"]]
    if not measured:
        yield f"**{claim['text']}**: not measured."
        return
    top = max(measured, key=lambda gain: gain["largest"])
    error = top["standard_error"]
    give = "no standard error" if error is None else (f"standard error {100 * error:.2f}")
    yield (
        f"**{claim['text']}: {_VERDICTS[claim['holds']]}.** The largest gain is "
        f"{points(top['largest'])} points ({top['strategy']}, {top['dataset']}; {give}); over "
        f"{top['n_datasets']} data set{'s' * (top['n_datasets'] != 1)} it is {points(top['mean'])} "
        f"on average, p = {_p(top)}."
    )
    if claim["holds"] is None:
        yield (
            "With one trial there is no noise to hold it against, so nothing is claimed."
            if error is None
            else f"Whether a gain of {100 * claim['least']:g} points is there lies within the "
            "noise of the trials."
        )
    yield ""
    columns = (
        "strategy less mixup",
        "numbers",
        Column("largest"),
        Column("standard error"),
        Column("on"),
        Column("mean"),
        Column("data sets"),
        Column("p"),
    )
    yield from markdown_table(
        columns,
        [
            (
                gain["strategy"],
                gain["source"],
                points(gain["largest"]),
                percent(gain["standard_error"]),
                gain["dataset"],
                points(gain["mean"]),
                str(gain["n_datasets"]),
                _p(gain),
            )
            for gain in claim["gains"]
        ],
    )
    yield f"p: {claim['test']}."
    yield ""


def _p(gain: Mapping[str, Any]) -> str:
    return "n/a" if gain["p_value"] is None else f"{gain['p_value']:.2g}"
