"""What a reader must know before the numbers of a run, and beside them."""

from genlabel_robust.reports.words.check_words import check_sentences, row_name
from genlabel_robust.runs.results.results import Results


def failures(results: Results) -> list[str]:
    """Return what a reader must know before the numbers: the checks that failed."""
    return check_sentences(results, "fail")


def remarks(results: Results) -> list[str]:
    """Return what a reader must know beside the numbers: reasons of nulls, and warnings."""
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
        if results.model is not None:  # what gradients are missing for is said of the model
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
