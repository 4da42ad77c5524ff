"""Each rule about what comes from outside has one place, and nothing goes around it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import genlabel_robust

PACKAGE = Path(genlabel_robust.__file__).parent

#: What is written in the package, and the files where it may be: the one place, and those that
#: read the package's own files, the bytes of models that were checked, or write.
RULES: dict[str, tuple[str, ...]] = {
    r"\bopen\(|\.read_text\(|\.read_bytes\(": (
        "core/opening.py",
        "core/npz.py", "models/skops/archive.py", "gates/archive.py",  # members of archives
        "paper/published.py", "reports/styles.py",  # of the package's own
        "cli/threat.py", "gates/github.py",  # written
        "cli/audit.py", "cli/report.py",  # of the browser
        "evaluation/run.py", "evaluation/store.py",  # RunFolder.open
        "core/exclusive.py",  # a folder, to lock it
    ),
    r"np\.load\(|load_file\(|safe_open\(": (),
    r"\btomllib\b": ("core/parsing.py",),
    r"\bjson\.loads?\(": (
        "core/parsing.py",
        # formats of models, with limits of their own
        "models/foreign/lightgbm_layout.py", "models/foreign/xgboost_layout.py",
        "models/foreign/safetensors_file.py", "models/skops/archive.py",
        # what a library wrote of its own model
        "models/structures/catboost_trees.py", "models/structures/xgboost_trees.py",
        # what this process wrote to the one it started
        "models/foreign/apart.py", "models/foreign/onnx_trial.py",
    ),
    r"\bclick\.echo\(|(?<![\w.])print\(": ("cli/printing.py", "models/foreign/onnx_trial.py"),
    r"\.writing-": ("core/leftovers.py",),
}  # fmt: skip


@pytest.mark.parametrize("pattern", RULES)
def test_a_rule_has_one_place(pattern: str) -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }
    assert found <= set(RULES[pattern])
