"""What a row of the results says of proofs."""

from __future__ import annotations

from typing import Any

from genlabel_robust.evaluation.panel import Panel
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
            "outcomes": counts,
        },
    }
