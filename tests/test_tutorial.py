"""The tutorial runs from start to end, and its page matches what runs."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.test_documentation import ROOT, script

NOTEBOOK = ROOT / "docs" / "start" / "tutorial.ipynb"

#: Runs the cells as a notebook does: what a cell ends with is shown, ``!`` is a line for a shell.
RUNNER = """
import ast, json, subprocess, sys

space = {"__name__": "__main__"}
for cell in json.loads(open(sys.argv[1], encoding="utf-8").read())["cells"]:
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        continue
    if source.startswith("!"):
        print("exit code", subprocess.run(source[1:], shell=True).returncode, flush=True)
        continue
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), space)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), space)
        for name in ("_repr_html_", "_repr_svg_"):
            if hasattr(value, name):
                print(name, getattr(value, name)(), flush=True)
"""


@pytest.fixture(scope="module")
def printed(quick_python: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the cells print and show."""
    done = subprocess.run(
        ["python", "-c", RUNNER, str(NOTEBOOK)],
        cwd=tmp_path_factory.mktemp("tutorial"),
        env={**os.environ, "PATH": os.pathsep.join([str(quick_python), os.environ["PATH"]])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.nightly(first=True)
def test_the_tutorial_comes_to_the_verdicts_that_it_speaks_of(printed: str) -> None:
    assert printed.count("exit code 0") == 2  # the audit, and its baseline
    assert "gate: fail" in printed
    assert printed.count("exit code 1") == 1


@pytest.mark.nightly(first=True)
def test_the_tutorial_shows_the_verdict_the_curve_and_the_margins(printed: str) -> None:
    assert "exact" in printed.partition("_repr_svg_")[0]
    assert "<svg" in printed
    assert "at_least" in printed


def test_the_page_of_the_tutorial_is_its_notebook() -> None:
    page = NOTEBOOK.with_suffix(".md").read_text(encoding="utf-8")
    assert page == script("tutorial_page").page()


def test_the_notebook_is_stored_without_results() -> None:
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
