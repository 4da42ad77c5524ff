"""A run in Python and in a notebook: its display, charts, files and data frames."""

from __future__ import annotations

import inspect
import io
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from sklearn.linear_model import LogisticRegression

import genlabel_robust
from genlabel_robust.api.progress import cells_bar, steps_bar
from genlabel_robust.api.run import Run
from genlabel_robust.core.errors import OutputError, UsageError
from genlabel_robust.runs.execute.schedule import Progress
from genlabel_robust.runs.folder.stored_run import read_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    y = np.where(x @ [1.0, -1.0] + 0.3 * rng.normal(size=60) > 0, "yes", "no")
    model = LogisticRegression().fit(x[:30], y[:30])
    out = tmp_path_factory.mktemp("api") / "<run>"
    return genlabel_robust.audit(
        model, x[30:], y[30:], eps=0.05, attacks=("noise",), checks="off", out=str(out)
    )


def test_the_public_jobs_give_runs_that_show_themselves(run: Run) -> None:
    assert isinstance(run, genlabel_robust.Run)
    assert genlabel_robust.evaluate.__doc__ is not None
    assert "eps" in genlabel_robust.evaluate.__doc__
    assert list(inspect.signature(genlabel_robust.audit).parameters)[:3] == ["model", "x", "y"]


def test_a_run_is_two_lines_with_its_verdict(run: Run) -> None:
    first, second = repr(run).splitlines()
    assert ": LogisticRegression on data; ε = 0.05; suite " in first
    assert first.startswith(f"genlabel_robust.open_run({str(run.path)!r}): LogisticRegression on ")
    assert re.match(r"An attacker who may change .* turns (exactly|none)", second)


def test_a_notebook_shows_the_verdict_the_table_and_the_pictures(run: Run) -> None:
    shown = run._repr_html_()
    box, picture, table = (shown.index(part) for part in ('class="box', "<svg", "<table"))
    assert box < picture < table
    assert shown.count("<svg") == 2
    assert "LogisticRegression" in shown
    assert "&lt;run&gt;" in shown
    assert "<run>" not in shown


def test_its_style_changes_nothing_else_of_a_notebook(run: Run) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", run._repr_html_(), flags=re.S)
    assert "var(" not in style
    rules = re.findall(r"([^{}]+)\{[^{}]*\}", style)
    assert len(rules) > 30
    for rule in rules:
        assert all(one.strip().startswith(".genlabel-robust ") for one in rule.split(","))
    assert re.sub(r"[^{}]+\{[^{}]*\}", "", style).strip() == ""


def test_without_its_folder_a_run_still_shows_its_verdict(run: Run, tmp_path: Path) -> None:
    gone = Run(tmp_path / "gone", run.results)
    shown = gone._repr_html_()
    assert 'class="box' in shown
    assert "<svg" not in shown
    with pytest.raises(OutputError):
        gone.plot()


@pytest.mark.parametrize("kind", ["curve", "answers"])
def test_a_plot_is_shown_and_saved(kind: str, run: Run, tmp_path: Path) -> None:
    plot = run.plot(kind)  # type: ignore[arg-type]
    file = plot.save(tmp_path / "plot.svg")
    assert file.read_text(encoding="utf-8") == plot._repr_svg_()
    assert plot.svg.startswith("<svg")
    assert "save(path)" in repr(plot)


@pytest.mark.parametrize("name", ["plot.png", "plot.PDF"])
def test_a_plot_is_not_saved_under_the_ending_of_another_format(
    name: str, run: Run, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"is an SVG picture; save it as .*plot\.svg"):
        run.plot().save(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_another_kind_of_plot_is_an_error_that_names_those_there_are(run: Run) -> None:
    with pytest.raises(UsageError, match="draws 'curve' or 'answers'; the kind is 'pie'"):
        run.plot("pie")  # type: ignore[arg-type]


def test_a_report_is_written_into_the_folder(run: Run, tmp_path: Path) -> None:
    copy = Run(shutil.copytree(run.path, tmp_path / "copy"), run.results)
    page = copy.report()
    assert page == copy.path / "report.html"
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (copy.path / "SHA256SUMS").exists()


def test_margins_are_those_of_the_closed_form(run: Run) -> None:
    table = run.margins()
    stored = read_run(run.path)
    (panel,) = stored.panels.values()
    assert panel.exact is not None
    assert len(table) == 30
    assert table["correct"].tolist() == panel.clean[0].tolist()
    assert (table["at_least"] <= table["at_most"]).all()
    assert table["at_least"].to_numpy() == pytest.approx(table["at_most"].to_numpy(), rel=1e-8)
    assert table["at_most"].to_numpy() == pytest.approx(np.where(panel.clean[0], panel.exact[0], 0))
    (row,) = run.results.rows
    assert row.exact_robust_accuracy is not None
    kept = (table["at_most"] > 0.05).mean()
    assert kept == pytest.approx(row.exact_robust_accuracy.value)
    assert set(table["class"]) == {"no", "yes"}
    states = table["state"].value_counts().to_dict()
    assert states["certified"] == (table["at_most"] > 0.05).sum()
    assert states["misclassified"] == (~table["correct"]).sum()
    assert "open" not in states


def test_a_bar_moves_in_a_notebook_and_there_is_none_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with steps_bar() as move, cells_bar() as cells:
        assert move is None
        assert cells is None
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with steps_bar(wanted=False, console=console) as move:
        assert move is None
    with cells_bar(console=console) as cells:
        assert cells is not None
        cells(Progress(1, 4, "iris/[mixup]", reused=False, share=0.25))
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "1/4" in said
    assert "iris/[mixup]" in said


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_is_drawn_on_standard_error_only_if_that_is_a_terminal(
    terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    screen, out = Screen(), io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setenv("TERM", "xterm")
    with steps_bar() as move:
        assert (move is not None) is terminal
        if move is not None:
            move(1, 2, "iris, seed 0")
    assert ("iris, seed 0" in screen.getvalue()) is terminal
    assert not out.getvalue()
