"""What the checks of a run found, in their own sentences."""

from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

_BEFORE = {"fail": "failed check", "warn": "warning"}


def check_sentences(results: Results, status: str) -> list[str]:
    """Return the sentences of all checks of the rows with this ``status``, "fail" or "warn".

    Each after the row that it is about; rows that say the same are taken together.
    """
    rows: dict[str, list[str]] = {}
    for row in results.rows:
        for check in row.checks:
            if check.status == status:
                rows.setdefault(check.sentence, []).append(row_name(row, results))
    return [
        f"{_BEFORE[status]}, {names[0]}{_more(names)}: {sentence}"
        for sentence, names in rows.items()
    ]


def row_name(row: Row, results: Results) -> str:
    """Return what lines of text call a row of ``results``: of an audit, its ε."""
    at = f"at ε = {row.eps:g}"
    if results.model is not None:
        return at
    return f"{row.dataset}/{row.strategy}/{row.architecture} {at}"


def _more(names: list[str]) -> str:
    more = len(names) - 1
    return "" if not more else f" and {more} more row{'s' if more > 1 else ''}"
