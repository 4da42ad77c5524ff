"""Lint, format, types and the import order of the rooms."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        # it takes a minute: the first of the nightly tests
        pytest.param(["mypy"], marks=pytest.mark.nightly(first=True)),
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
