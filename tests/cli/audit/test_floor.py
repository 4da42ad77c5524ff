"""``audit --min-robust`` has the exit codes of ``gate``; ``audit --dry-run`` writes nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.statistics.noninferiority import Z
from genlabel_robust.statistics.wilson import wilson

Call = Callable[..., Any]
QUICK = ("--eps", "0.05", "--suite", "quick", "--checks", "quick", "-q")


@pytest.fixture(scope="module")
def asked(cancer: Any, natives: Any) -> tuple[str, ...]:
    path = natives["torch"].path, cancer.test_file, cancer.train_file
    model, data, reference = map(str, path)
    own = natives["torch"].options
    return ("audit", model, "--data", data, "--target", "diagnosis", "--reference", reference, *own)


@pytest.fixture(scope="module")
def finished(asked: tuple[str, ...], call: Call, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished audit, which tests must not change."""
    out = tmp_path_factory.mktemp("finished") / "run"
    assert call(*asked, *QUICK, "--out", out).code == 0
    return out


@pytest.fixture
def out(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished audit."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def test_the_exit_code_is_the_gates_on_the_same_run(
    asked: tuple[str, ...], call: Call, out: Path
) -> None:
    (row,) = json.loads((out / "results.json").read_text())["rows"]
    right = row["robust_accuracy"]["value"]
    low, high = wilson(right, row["n_examples"], Z)
    # by the bounds of the interval, and not by its point
    for least, code in ((low - 0.01, 0), (right, 5), (high + 0.01, 1)):
        floor = ("--min-robust", f"{least:.4f}")
        done = call(*asked, *QUICK, "--out", out, *floor)
        gated = call("gate", out, *floor)
        assert done.code == gated.code == code, done.stderr
        assert done.stdout.splitlines()[-1] == gated.stdout.splitlines()[0]
    assert json.loads((out / "gate" / "gate.json").read_text())["exit_code"] == 1


def test_json_stays_json_and_the_verdict_is_on_stderr(
    asked: tuple[str, ...], call: Call, out: Path
) -> None:
    done = call(*asked, *QUICK, "--out", out, "--min-robust", "1", "--format", "json")
    assert done.code in (1, 5)
    assert json.loads(done.stdout)["rows"]
    assert "at least 100.0 % required" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--min-robust", "40"), "min_robust is 40.0; it must lie in [0, 1]: 40 % are 0.4"),
        (
            ("--min-robust", "0.4", "--eps", "0.1"),
            "--min-robust needs exactly one ε, but there are 2; give one --eps",
        ),
        (
            ("--dry-run", "--format", "md"),
            "--dry-run can print only table or json; --format is 'md'",
        ),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_attacked(
    options: tuple[str, ...], words: str, asked: tuple[str, ...], call: Call, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = call(*asked, *QUICK, "--out", out, *options)
    assert done.code == 2
    assert words in done.stderr
    assert not out.exists()


def test_a_dry_run_says_what_will_be_done_and_writes_nothing(
    asked: tuple[str, ...],
    call: Call,
    tmp_path: Path,
    snapshot: Callable[[Path], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call(*asked, "--eps", "0.05", "--suite", "quick", "--dry-run")
    assert done.code == 0, done.stderr
    assert snapshot(tmp_path) == {}
    assert "171 test rows, 30 features, 2 classes" in done.stdout
    assert "ε = 0.05 of each feature's range in the reference rows" in done.stdout
    assert "the audit will be written there" in done.stdout
    found = json.loads(call(*asked, *QUICK, "--dry-run", "--format", "json").stdout)
    assert found["model"].startswith("net.safetensors")
    assert found["cells"] == 1
    assert found["seconds"] > 0


def test_a_dry_run_knows_a_finished_audit_and_another_ones_folder(
    asked: tuple[str, ...], call: Call, out: Path
) -> None:
    again = call(*asked, *QUICK, "--out", out, "--dry-run").stdout
    assert "already contains this audit" in again
    assert "no cell is left to compute" in again
    other = call(*asked, *QUICK, "--out", out, "--seed", "3", "--dry-run")
    assert other.code == 2
