"""The sentences of a run's checks."""

from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

_BEFORE = {"fail": "failed check", "warn": "warning"}


def check_sentences(results: Results, status: str) -> list[str]:
    """Return the sentences of all checks with ``status``, "fail" or "warn".

    Each begins with the row that it is about. Rows with the same sentence are joined.
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
    """Return the name of a row in lines of text; for an audit, only its ε."""
    at = f"at ε = {row.eps:g}"
    if results.model is not None:
        return at
    return f"{row.dataset}/{row.strategy}/{row.architecture} {at}"


def _more(names: list[str]) -> str:
    more = len(names) - 1
    return "" if not more else f" and {more} more row{'s' if more > 1 else ''}"
