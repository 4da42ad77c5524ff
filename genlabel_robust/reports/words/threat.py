"""The threat of a run as a phrase, with all its budgets."""

from genlabel_robust.reports.words.audited_model import range_rows
from genlabel_robust.reports.words.wording import threat_sentence
from genlabel_robust.runs.results.results import Results


def whole_threat(results: Results) -> str:
    """Return what the attacker of a run may do at the smallest ε, and the other budgets."""
    first, *others = results.threat.eps
    said = threat_sentence(results.threat, first, range_rows(results))
    return said + (f"; and {', '.join(f'{eps:g}' for eps in others)}" if others else "")
