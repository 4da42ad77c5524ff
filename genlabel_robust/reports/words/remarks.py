"""Remarks that a reader must know before and next to the numbers of a run."""

from genlabel_robust.reports.words.check_words import check_sentences, row_name
from genlabel_robust.runs.results.results import Results


def failures(results: Results) -> list[str]:
    """Return the sentences of failed checks, which come before the numbers."""
    return check_sentences(results, "fail")


def remarks(results: Results) -> list[str]:
    """Return the remarks next to the numbers: reasons for missing values, and warnings."""
    lines = ["checks were off: nothing says whether these numbers may be believed"]
    lines = lines if results.checks == "off" else []
    for row in results.rows:
        name = row_name(row, results)
        if row.reason:
            lines.append(f"{name}: {row.reason}")
        kept = row.not_chosen
        missing = [a for a, value in row.attacks.items() if value is None and a not in kept]
        skipped = [a for a in missing if row.outcomes.get(a, {}).get("skipped")]
        late = [a for a in missing if row.outcomes.get(a, {}).get("out_of_time")]
        useless = [a for a in missing if a not in (*skipped, *late)]
        if results.model is not None:  # the sentences on the model mention missing gradients
            useless = [a for a in useless if row.lacking.get(a) == "scores"]
        if useless and row.robust_accuracy:
            lines.append(f"{name}: not applicable to this model: {', '.join(useless)}")
        if skipped:
            lines.append(
                f"{name}: no rate of their own, as cheaper attacks ran first (early stop): "
                f"{', '.join(skipped)}"
            )
        if late:
            lines.append(
                f"{name}: no rate of their own, as their time ran out (max_seconds): "
                f"{', '.join(late)}"
            )
    return [*lines, *check_sentences(results, "warn")]
