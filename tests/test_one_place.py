"""Each rule about input from outside is in one place, and no code bypasses it."""

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
        "core/files/opening.py",
        # members of archives
        "core/files/npz.py",
        "core/files/npz_writing.py",
        "model_files/skops/archive.py",
        "core/files/archives.py",
        "paper/tables/published.py",
        "reports/page/styles.py",  # of the package's own
        "gates/outputs/github.py",  # written
        "cli/printing.py",  # of the browser
        "runs/evaluate.py",
        "runs/folder/store.py",  # RunFolder.open
        "core/parts/importing.py",  # of installed distributions
        "core/files/exclusive.py",  # a folder, to lock it
        "core/parallel/fork_server.py",  # a folder, whose descriptor names it
    ),
    r"np\.load\(|load_file\(|safe_open\(": (),
    r"\btomllib\b": ("core/files/parsing.py",),
    r"\bjson\.loads?\(": (
        "core/files/parsing.py",
        # formats of models, with limits of their own
        "model_files/lightgbm/layout.py",
        "model_files/model_json.py",
        "model_files/safetensors/file.py",
        "model_files/skops/archive.py",
        # what a library wrote of its own model
        "models/structures/catboost_trees.py",
        "models/structures/xgboost.py",
        # what this process wrote to the one it started
        "model_files/own_process.py",
        "model_files/onnx/trial.py",
        "model_files/catboost/trial.py",
    ),
    r"\bclick\.echo\(|(?<![\w.])print\(": ("cli/printing.py", "model_files/own_process.py"),
    r"\.writing-": ("core/files/leftovers.py",),
    r"\btempfile\b": (
        "core/files/scratch.py",
        "core/files/large_arrays.py",  # a file without a name
        # what is written beside what it replaces
        "core/files/writing.py",
        "core/files/whole_folder.py",
    ),
}


@pytest.mark.parametrize("pattern", RULES)
def test_a_rule_has_one_place(pattern: str) -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }
    assert found <= set(RULES[pattern])
