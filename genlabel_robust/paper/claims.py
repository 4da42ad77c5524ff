"""What the paper says about GenLabel and mixup, held against measured cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scipy.stats import wilcoxon

from genlabel_robust.paper.table import markdown_table, points

#: The test of whether a strategy is better than mixup on more than the data sets at hand.
TEST = "Wilcoxon signed-rank test, two-sided, over the data sets"
_ROUNDING = 1e-9


def claim(
    text: str,
    least: float,
    rows: Sequence[Mapping[str, Any]],
    sources: Sequence[str] = ("measured", "published"),
) -> dict[str, Any]:
    """Return whether the largest gain of a GenLabel strategy over mixup reaches ``least``.

    ``rows``: cells with ``dataset``, ``strategy`` and a number, or None, for each of
    ``sources``, of which the first decides. ``gains``: per source and strategy the largest
    and the mean gain, and the p-value of ``TEST``. ``holds`` is None if no data set has
    both a GenLabel strategy and mixup.
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
    largest = [gain["largest"] for gain in gains if gain["source"] == sources[0]]
    # 0.96 - 0.88 is below 0.08 in floats
    holds = max(largest) >= least - _ROUNDING if largest else None
    return {
        "text": text,
        "least": least,
        "holds": holds,
        "test": TEST,
        "gains": gains,
        "decided_by": sources[0],
    }


def _gain(rows: Sequence[Mapping[str, Any]], strategy: str, source: str) -> dict[str, Any]:
    differences = _differences(rows, strategy, source)
    values = list(differences.values())
    dataset = max(differences, key=lambda name: differences[name])
    tested = len(values) > 1 and any(values)
    return {
        "largest": differences[dataset],
        "dataset": dataset,
        "mean": sum(values) / len(values),
        "n_datasets": len(values),
        "p_value": float(wilcoxon(values, zero_method="pratt").pvalue) if tested else 1.0,
    }


def _differences(rows: Sequence[Mapping[str, Any]], strategy: str, source: str) -> dict[str, float]:
    """Return ``strategy`` less mixup for each data set that has both."""
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
    yield (
        f"**{claim['text']}: {'holds' if claim['holds'] else 'does not hold'}.** The largest gain "
        f"is {points(top['largest'])} points ({top['strategy']}, {top['dataset']}); over "
        f"{top['n_datasets']} data sets it is {points(top['mean'])} on average, p = "
        f"{top['p_value']:.2g}."
    )
    yield ""
    columns = ("strategy less mixup", "numbers", "largest", "on", "mean", "data sets", "p")
    yield from markdown_table(
        columns,
        [
            (
                gain["strategy"],
                gain["source"],
                points(gain["largest"]),
                gain["dataset"],
                points(gain["mean"]),
                str(gain["n_datasets"]),
                f"{gain['p_value']:.2g}",
            )
            for gain in claim["gains"]
        ],
        n_text=2,
    )
    yield f"p: {claim['test']}."
    yield ""
