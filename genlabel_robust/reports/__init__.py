"""Results for people: the terminal table, Markdown, the audit report, figures, checksums."""

from genlabel_robust.core.registry import Registry

_HERE = "genlabel_robust.reports.page.sections"

#: The sections of the audit report, in order. Each takes a ``StoredRun`` and returns ``Markup``, or
#: None if it has nothing to show for the run.
SECTIONS = Registry(
    "report section",
    {
        "verdict": (f"{_HERE}.verdict:verdict", "Verdict"),
        "results": (f"{_HERE}.results:results", "Results"),
        "features": (
            f"{_HERE}.few_features:few_features",
            "Single features and few features",
        ),
        "strategies": (f"{_HERE}.strategies:strategies", "Strategies compared"),
        "subgroups": (f"{_HERE}.subgroups:subgroups", "Groups of test rows"),
        "sweep": (f"{_HERE}.sweep:sweep", "Right answers against ε"),
        "examples": (f"{_HERE}.examples:examples", "The weakest examples"),
        "classes": (f"{_HERE}.classes:classes", "Per class"),
        "margins": (f"{_HERE}.margins:margins", "Margins"),
        "bracket": (f"{_HERE}.bracket:bracket", "Exact values and brackets"),
        "mixing": (f"{_HERE}.mixing:mixing", "What mixing does to the data"),
        "evidence": (f"{_HERE}.evidence:evidence", "Evidence that the attacks worked"),
        "threat": (f"{_HERE}.threat:threat", "Threat model"),
        "subject": (f"{_HERE}.subject:subject", "What was evaluated"),
        "limits": (f"{_HERE}.limits:limits", "Limits"),
        "reproduce": (f"{_HERE}.reproduce:reproduce", "How to reproduce"),
        "standards": (f"{_HERE}.standards:standards", "What this is evidence for"),
        "signature": (f"{_HERE}.signature:signature", "Signatures"),
    },
    group="sections",
    fits="genlabel_robust.reports.outside:fit_section",
)

#: The sections that are expanded on screen; the others are collapsed, except on paper.
OPEN = frozenset({"verdict", "results", "features", "strategies", "subgroups"})

__all__ = ["OPEN", "SECTIONS"]
