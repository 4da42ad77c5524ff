"""What a row of the results says of proofs."""

from __future__ import annotations

from typing import Any

from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.statistics.rates import rate


def proved_fields(panel: Panel, eps: float) -> dict[str, Any]:
    """Return what is proved at ``eps``, and how many examples are decided, over all seeds."""
    certified = panel.certified(eps)
    if certified is None:
        # another seed's model may be none that is known
        return {"certification": {"kind": None, "about": None, "reason": panel.unproved}}
    undecided = int(panel.undecided(eps).sum())
    counts = {
        "misclassified": int((~panel.clean).sum()),
        "broken": int(panel.clean.sum() - certified.sum()) - undecided,
        "certified": int(certified.sum()),
        "open": undecided,
    }
    inside = panel.results[0].inside
    return {
        "certified_accuracy": rate(certified).as_dict(),
        "certification": {
            "kind": inside.kind,
            "about": inside.about,
            "reason": inside.reason,
            "cut": any(r.inside.cut for r in panel.results),
            **_rounding(panel),
            "outcomes": counts,
        },
    }


def _rounding(panel: Panel) -> dict[str, float]:
    """Return the largest rounding that was allowed for and that was measured, where known."""
    insides = [result.inside for result in panel.results]
    found = {
        "rounding": [inside.rounding for inside in insides],
        "measured_rounding": [inside.measured for inside in insides],
    }
    return {
        name: max(value for value in values if value is not None)
        for name, values in found.items()
        if any(value is not None for value in values)
    }
