"""The statements of laws and standards that the report supports, and what it does not show."""

from genlabel_robust.reports.page.markup import Content, Markup, joined
from genlabel_robust.reports.page.parts import paragraph, table
from genlabel_robust.runs.folder.stored_run import StoredRun

_ACT = "Regulation (EU) 2024/1689 (AI Act), "
_ROWS: tuple[tuple[str, str, str], ...] = (
    (
        _ACT + "Annex IV 2(g): testing procedures, test data, metrics of accuracy and robustness, "
        "test logs and reports, dated and signed",
        "procedure, data by digest, metrics with intervals, the run folder as log, lines to sign",
        "discriminatory impacts; how well the test data represent the intended use",
    ),
    (
        _ACT + "Article 15(1) and (3): an appropriate level of accuracy and robustness; levels and "
        "metrics of accuracy declared in the instructions for use",
        "measured accuracy and robust accuracy, each with its interval and scope",
        "whether a level is appropriate; performance over the lifecycle",
    ),
    (
        _ACT + "Article 15(5): measures against inputs designed to make the model err (adversarial "
        "examples, model evasion)",
        "how well the models resist evasion within the stated threat model",
        "data and model poisoning, confidentiality attacks, the security of the system around it",
    ),
    (
        "ISO/IEC TR 24029-1:2021, assessment of the robustness of neural networks: statistical, "
        "formal and empirical methods",
        "statistical measures of performance under perturbation; for linear models and trees exact "
        "distances, for nets of ReLUs proofs",
        "proofs for models whose inside is not known; field trials. The report is informative, "
        "and about neural networks: for other models it fits by analogy",
    ),
)


def standards(run: StoredRun) -> Markup:
    """Return, for each statement, what in this report supports it, and what else it needs."""
    certified = any(row.certified_accuracy for row in run.results.rows)
    rows: list[list[Content]] = [list(row) for row in _ROWS]
    if certified:
        rows[-1][2] = "field trials. The report is informative, and about neural networks"
    if any(row.subgroups for row in run.results.rows):
        rows[0][1] = joined([rows[0][1], "; accuracy and robustness of groups of test rows"])
        rows[0][2] = joined(["other ", rows[0][2]])
    return joined(
        [
            paragraph(
                "The report can support evidence for the statements below, where they apply. It "
                "does not establish conformity with any of them: those who sign must judge that, "
                "for the system as a whole. The articles of the Act named here concern high-risk "
                "AI systems."
            ),
            table(
                "standards",
                "Statements, what is here, and what is not",
                ["statement", "supported by", "not covered here"],
                rows,
                sortable=False,
            ),
        ]
    )
