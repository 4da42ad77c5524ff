"""How much of a run proofs decide, and the words for it."""

from collections.abc import Mapping, Sequence

from genlabel_robust.core import plural
from genlabel_robust.reports.words.wording import margin_words
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: The title of a column of certified accuracies.
PROVED = "proved"


def outcomes(row: Row) -> Mapping[str, int] | None:
    """Return outcome -> number of predictions of a row, or None without proofs."""
    return None if row.certification is None else row.certification.outcomes


def is_exact(row: Row) -> bool:
    """Return whether every prediction of a row is decided, or its exact accuracy is known."""
    counts = outcomes(row)
    return bool(row.exact_robust_accuracy) or (counts is not None and not counts["open"])


def all_exact(results: Results) -> bool:
    """Return whether all rows with a robust accuracy are exact, and there is at least one."""
    rows = [row for row in results.rows if row.robust_accuracy]
    return bool(rows) and all(map(is_exact, rows))


def has_proofs(rows: Sequence[Row]) -> bool:
    """Return whether any of ``rows`` has a certified accuracy, which adds a column."""
    return any(row.certified_accuracy for row in rows)


def needs_exact(rows: Sequence[Row]) -> bool:
    """Return whether ``rows`` need a column of exact values.

    They do not if proofs decide every row with one, as certified and worst case are equal then.
    """
    return any(row.exact_robust_accuracy and _open(row) for row in rows)


def _open(row: Row) -> bool:
    counts = outcomes(row)
    return counts is None or bool(counts["open"])


def explanation(results: Results) -> str:
    """Return the explanation of a run's figures for readers of its tables."""
    rows = [row for row in results.rows if row.robust_accuracy]
    exact, proofs = [is_exact(row) for row in rows], has_proofs(rows)
    begin = (
        "A row is robust if the model classifies it correctly as it is, and no attack, proof or "
        "change of one feature found a point within ε that the model misclassifies."
    )
    if all_exact(results):
        means = "Every answer is decided here, so robust accuracy is exact."
    elif proofs:
        means = (
            "The true robust accuracy lies between what is proved and the worst case; where the "
            "two are the same it is exact."
        )
        if not all(row.certified_accuracy or e for row, e in zip(rows, exact, strict=True)):
            means += " Where nothing is proved, another attack may break more rows."
    else:
        means = "Robust accuracy is an upper bound: another attack may break more rows."
    return f"{begin} {means} Intervals are of 95 %. {about_margins(results)}"


#: Kind of margin -> its explanation.
_MARGINS = {
    "exact": "exact where the distance of every row is known",
    "interval-censored": (
        "where proofs leave distances open it has two bounds, as in “0.1–0.12”, or “≤ 0.12” where "
        "the lower bound is 0; its interval covers both"
    ),
    "attack": (
        "where nothing is proved, an upper bound: the distance of the nearest adversarial example "
        "that was found"
    ),
}


def about_margins(results: Results) -> str:
    """Return the explanation of a run's margins, for the kinds that it has."""
    kinds = {row.margin.kind for row in results.rows if row.margin}
    said = [words for kind, words in _MARGINS.items() if kind in kinds]
    begin = f"The margin is {margin_words(results.threat)}"
    return f"{begin}: {'; '.join(said)}." if said else f"{begin}."


def about_proofs(results: Results, row: Row) -> str | None:
    """Return the sentence on the structure and the proofs of a row's model, or None."""
    about = row.certification
    if about is None:
        return None
    counts = outcomes(row)
    if counts is None:
        if results.threat.eps[0] != row.eps:
            return None
        return f"upper bound only: {about.reason}"
    inside = f"the model is {about.about}" if about.kind == "affine" else about.about
    if counts["open"]:
        limit = ", as --certify-seconds ended the proofs" if about.cut else ""
        return (
            f"{inside}: {plural(counts['open'], 'answer')} of {sum(counts.values())} "
            f"{'is' if counts['open'] == 1 else 'are'} neither proved nor broken{limit}"
        )
    return f"exact: {inside}, and every answer is decided"
