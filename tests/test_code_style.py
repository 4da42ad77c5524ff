"""Lint, format, types and the order of the rooms are tests like any other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


# without what an earlier run found out it takes a minute: then it is the first of the nightly tests
types = [] if (ROOT / ".mypy_cache").is_dir() else [pytest.mark.nightly(first=True)]


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        pytest.param(["mypy"], marks=types),
        ["importlinter.cli", "lint"],
    ],
    ids=["ruff", "format", "mypy", "import-linter"],
)
def test_the_checkout_passes(command: list[str]) -> None:
    if command[0].startswith("importlinter"):
        code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
        arguments = [sys.executable, "-c", code]
    else:
        arguments = [sys.executable, "-m", *command]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
