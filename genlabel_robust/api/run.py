"""A finished run, for use at a Python prompt or in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from genlabel_robust.core import UsageError
from genlabel_robust.runs import evaluate as _evaluate

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from genlabel_robust.api.plot import Plot


class Run(_evaluate.Run):
    """A finished run. It prints its verdict; a notebook also shows the table and pictures."""

    @classmethod
    def of(cls, run: _evaluate.Run) -> Self:
        """Return ``run`` as a ``Run``, with its verdict, table and pictures."""
        return cls(run.path, run.results)

    def __repr__(self) -> str:
        from genlabel_robust.reports.words.answer.verdict import verdict
        from genlabel_robust.reports.words.audited_model import named_results

        results = named_results(self.results)
        answer = verdict(results)
        model = results.model
        what = f"{model.name} on " if model is not None else ""
        names = list(dict.fromkeys(row.dataset for row in results.rows))
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        eps = ", ".join(f"{one:g}" for one in results.threat.eps)
        doubt = "Do not rely on this, checks failed: " if answer.doubts else ""
        return (
            f"genlabel_robust.open_run({str(self.path)!r}): {what}{', '.join(names[:3])}{more}; "
            f"ε = {eps}; suite {results.suite}\n{doubt}{answer.sentence}"
        )

    def _repr_html_(self) -> str:
        from genlabel_robust.reports.page.notebook import notebook_html

        return str(notebook_html(self.path, self.results))

    def plot(self, kind: Literal["answers", "curve"] = "curve") -> Plot:
        """Return a picture: "curve" (correct answers as ε grows) or "answers" (their outcomes).

        A notebook displays it, ``save`` writes it. Raises ``OutputError`` if the run's folder is
        gone, ``UsageError`` for another kind.
        """
        from genlabel_robust.api.plot import Plot
        from genlabel_robust.reports.page.charts_of_run import answers_figure, margin_figure
        from genlabel_robust.reports.words.audited_model import named_run
        from genlabel_robust.runs.folder.stored_run import read_run

        kinds = {"curve": margin_figure, "answers": answers_figure}
        if kind not in kinds:
            raise UsageError(f"plot() draws 'curve' or 'answers'; the kind is {kind!r}")
        drawn = kinds[kind](named_run(read_run(self.path)))
        return Plot(f"{kind} of {self.path}", drawn.decode())

    def report(self) -> Path:
        """Write the report into the run's folder, and return the path of its HTML page.

        ``report.md``, the figures and the checksums are written with it. Raises ``OutputError``.
        """
        from genlabel_robust.reports.write import write_reports

        write_reports(self.path)
        return self.path / "report.html"

    def differences(self, strategy: str | None = None) -> pd.DataFrame:
        """Return a row for each pair of strategies and each measure: by how much one is better.

        ``difference`` is the measure of ``strategy`` minus that of ``reference``, on the same data
        set and architecture. Each pair appears once. With a ``strategy``, only its pairs appear, as
        that strategy minus the other. ``measure`` and ``unit``: "clean_accuracy" and
        "robust_accuracy" at ``eps``, as a fraction of the test rows, so that 0.01 is one
        percentage point; "margin", the median over the rows of the difference in distance to the
        nearest wrong answer, in the unit of ε. ``low`` and ``high`` are
        the ends of the 95 % interval, paired row by row. ``excludes_zero``: whether 0 lies outside
        of it; if not, the difference may be due to chance. ``note``: how many answers of the two
        are neither broken nor proved, or that margins come from the nearest adversarial examples
        found. A pair without a measure has no row for it, and an audit has no rows at all.

        Raises ``OutputError`` if the run's folder is gone, ``UnknownNameError`` for a strategy
        that the run does not have.
        """
        from genlabel_robust.runs.folder.stored_run import read_run
        from genlabel_robust.side_by_side import strategy_differences

        return strategy_differences(read_run(self.path), strategy)

    def margins(self) -> pd.DataFrame:
        """Return a row for each answer: its distance to the nearest wrong one, as bounds.

        ``row``: its number in the data; ``correct``: whether the answer is correct without any
        change. ``state``: the outcome at the largest ε of the run: "misclassified", "broken"
        (a wrong answer was found within ε), "certified" (it is proved that there is none) or
        "open" (neither). ``at_most``: the distance, in the unit of ε, to the nearest row found
        that the model mislabels: 0 if the answer is wrong without any change, inf if nothing was
        found. ``at_least``: the distance within which it is proved that no row is mislabelled.
        For a net it is mostly 0, or ε if the answer is certified. 0 means that nothing is proved,
        not that the answer is at the boundary. The two agree to rounding if the distance is known,
        as for affine models.

        Raises ``OutputError`` if the run's folder is gone.
        """
        from genlabel_robust.reports.words.audited_model import named_run
        from genlabel_robust.runs.folder.frames.margin_rows import margin_rows
        from genlabel_robust.runs.folder.stored_run import read_run

        return margin_rows(named_run(read_run(self.path)))
