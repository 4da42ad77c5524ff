"""Results for people: the terminal table, Markdown, the audit report, figures, checksums."""

from genlabel_robust.core.registry import Registry

_HERE = "genlabel_robust.reports.page.sections"

#: The sections of the audit report, in its order; each takes a ``StoredRun``, gives ``Markup``,
#: or None if the run has nothing for it.
SECTIONS = Registry(
    "report section",
    {
        "verdict": (f"{_HERE}.verdict:verdict", "Verdict and scope"),
        "subject": (f"{_HERE}.subject:subject", "What was evaluated"),
        "threat": (f"{_HERE}.threat:threat", "Threat model"),
        "results": (f"{_HERE}.results:results", "Results"),
        "features": (
            f"{_HERE}.few_features:few_features",
            "Single features and few features",
        ),
        "sweep": (f"{_HERE}.sweep:sweep", "Accuracy against ε"),
        "margins": (f"{_HERE}.margins:margins", "Margins"),
        "bracket": (f"{_HERE}.bracket:bracket", "Exact values and brackets"),
        "strategies": (f"{_HERE}.strategies:strategies", "Strategies compared"),
        "mixing": (f"{_HERE}.mixing:mixing", "What mixing does to the data"),
        "classes": (f"{_HERE}.classes:classes", "Per class"),
        "subgroups": (f"{_HERE}.subgroups:subgroups", "Groups of test rows"),
        "examples": (f"{_HERE}.examples:examples", "The weakest examples"),
        "evidence": (f"{_HERE}.evidence:evidence", "Evidence that the attacks worked"),
        "limits": (f"{_HERE}.limits:limits", "Limits"),
        "reproduce": (f"{_HERE}.reproduce:reproduce", "How to reproduce"),
        "standards": (f"{_HERE}.standards:standards", "What this is evidence for"),
        "signature": (f"{_HERE}.signature:signature", "Signatures"),
    },
    group="sections",
    fits="genlabel_robust.reports.outside:fit_section",
)

__all__ = ["SECTIONS"]
