"""``--help`` and ``list`` start fast: they import nothing heavy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Finished

HEAVY = {
    *("torch", "art", "numpy", "scipy", "sklearn", "pandas", "matplotlib", "joblib", "pyarrow"),
    "jsonschema",
}
#: What ``--help`` and ``--version`` of the program do without, too: each takes its milliseconds.
SETTINGS = {"genlabel_robust.runs", "genlabel_robust.threat", "genlabel_robust.data", "json"}
CODE = """
import sys
from genlabel_robust.cli.main import run
code = run(sys.argv[1:])
names = sorted(sys.modules)
import json
print(json.dumps([code, names]), file=sys.stderr)
"""


def imported(*arguments: str) -> tuple[int, set[str], str]:
    done = subprocess.run(
        [sys.executable, "-c", CODE, *arguments], capture_output=True, text=True, check=True
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return code, set(modules), done.stdout


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("--help",), "evaluate"),
        (("evaluate", "--help"), "--strategy"),
        (("list", "--help"), "datasets"),
        (("--version",), "genlabel_robust, version"),
        (("list", "datasets"), "openml:ID"),
        (("list", "strategies"), "genlabel-gm"),
        (("list", "densities"), "kde"),
        (("list", "models"), "sklearn:NAME"),
        (("list", "attacks"), "hopskipjump"),
        (("list", "suites"), "quick-1"),
        (("schema",), "additionalProperties"),
        (("config", "show", "--eps", "0.2"), "[0.2]"),
        (("reproduce", "--help"), "--choose-by"),
        (("audit", "--help"), "--reference"),
        (("list", "checks"), "canary-affine"),
        (("list", "formats"), ".onnx"),
        (("list", "structures"), "sklearn.Pipeline"),
        (("list", "certifiers"), "TreeEnsemble"),
        (("list", "sections"), "verdict"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_nothing_heavy_is_imported_to_tell_what_there_is(
    arguments: tuple[str, ...], shown: str
) -> None:
    code, modules, stdout = imported(*arguments)
    assert code == 0
    assert shown in stdout
    assert not {name.partition(".")[0] for name in modules} & HEAVY


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_the_list_of_commands_asks_for_no_settings(argument: str) -> None:
    code, modules, _ = imported(argument)
    assert code == 0
    assert not modules & SETTINGS


def test_every_registered_name_is_listed_with_a_line_about_it(call: Callable[..., Call]) -> None:
    from genlabel_robust.attacks import ATTACKS
    from genlabel_robust.data import DATASETS
    from genlabel_robust.densities import DENSITIES
    from genlabel_robust.models import ARCHITECTURES
    from genlabel_robust.runs.checks import CHECKS
    from genlabel_robust.strategies import STRATEGIES

    for kind, registry in (
        ("datasets", DATASETS),
        ("strategies", STRATEGIES),
        ("densities", DENSITIES),
        ("models", ARCHITECTURES),
        ("attacks", ATTACKS),
        ("checks", CHECKS),
    ):
        lines = call("list", kind).stdout.splitlines()
        for name in registry:
            (line,) = (line for line in lines if line.split()[0] == name)
            assert line.endswith(registry.describe(name))
            assert len(line.split()) > 2


def test_a_code_page_without_ε_does_not_end_the_listing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "genlabel_robust", "list", "suites"],
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u03b5" in done.stdout


def test_a_reader_who_has_seen_enough_is_no_failure() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "genlabel_robust", "list", "datasets"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_module_and_the_package_run_the_same_command(
    finished: Finished, small: tuple[str, ...], quick_python: Path
) -> None:
    command = [*small, "--out", str(finished.path), "--format", "json"]
    done = subprocess.run(
        [quick_python / "python", "-m", "genlabel_robust", *command], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == (finished.path / "results.json").read_text(encoding="utf-8")
    assert Path(done.stderr.removeprefix("results: ").strip()) == finished.path


def test_every_help_keeps_its_paragraphs(call: Callable[..., Call]) -> None:
    from genlabel_robust.cli.main import commands

    for name in commands.commands:
        done = call(name, "--help")
        assert done.code == 0
        # a backslash where a text was written as it is, and its paragraph is lost
        assert "\\b" not in done.stdout


@pytest.mark.parametrize("kind", ["datasets", "strategies", "suites"])
def test_lists_import_no_settings_unless_a_part_is_named(kind: str) -> None:
    code, modules, _ = imported("list", kind)
    assert code == 0
    assert "genlabel_robust.runs" not in modules
