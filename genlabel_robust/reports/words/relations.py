"""Sentences on the relations between features that a run's attacker and proofs respect."""

from genlabel_robust.certify.relations import knows_relations
from genlabel_robust.core import plain
from genlabel_robust.runs.results.results import Results

#: The maximum number of relations next to the verdict.
_FIRST = 4
KEPT = (
    "Every adversarial example keeps to these relations, and was checked against them. A row that "
    "already breaks a relation may not break it by more; where a value is missing, the relation "
    "does not apply."
)


def related(results: Results) -> tuple[str, ...]:
    """Return the relations of a run as the user wrote them."""
    return results.threat.constraints.relations


def listed_relations(results: Results) -> str:
    """Return a sentence with the first relations of a run, or "" if there are none."""
    found = related(results)
    if not found:
        return ""
    left = len(found) - _FIRST
    more = f"; and {left} more" if left > 0 else ""
    begin = "The relation" if len(found) == 1 else "The relations"
    return f"{begin}: {'; '.join(map(plain, found[:_FIRST]))}{more}."


def about_relations(results: Results) -> str:
    """Return the sentences on what relations mean for the figures of a run."""
    kinds = {row.certification.kind for row in results.rows if row.certification}
    unaware = {k for k in kinds if k is not None and not knows_relations(k, results.threat.norm)}
    if not unaware:
        return KEPT
    which = "Proofs" if unaware == kinds - {None} else "Some proofs"
    return (
        f"{KEPT} {which} do not use them: what is proved without relations holds with them as "
        "well, so that it is a lower bound."
    )
