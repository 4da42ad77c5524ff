"""What proofs of both sides may be used for, when one is compared with the other."""

from dataclasses import replace

from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import StoredRun

#: Settings by which two runs prove alike.
_SETTINGS = ("certify", "certify_seconds")


def unlike_proofs(candidate: StoredRun, baseline: StoredRun, now: Panel, then: Panel) -> str | None:
    """Return why the two sides' proofs cannot be compared, None if both proved alike, or nothing.

    A proof's witness breaks what attacks leave: a side that has them looks less robust than one
    that has not.
    """
    if now.lower is None and then.lower is None:
        return None
    for who, panel in (("candidate", now), ("baseline", then)):
        if panel.lower is None:
            return f"nothing is proved of the {who} ({panel.unproved})"
    efforts = [
        tuple(run.manifest["config"].get(name, {}).get("value") for name in _SETTINGS)
        for run in (baseline, candidate)
    ]
    if efforts[0] != efforts[1]:
        return f"--certify was {efforts[0][0]} in the baseline and is {efforts[1][0]} now"
    return None


def without_proofs(panel: Panel) -> Panel:
    """Return ``panel`` as its attacks alone show it; distances in closed form stay."""
    return Panel(
        [
            replace(r, certificate=None, exact=r.exact if r.inside.kind == "affine" else None)
            for r in panel.results
        ]
    )
