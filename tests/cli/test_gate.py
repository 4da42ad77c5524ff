"""`gate` and `baseline` end to end: what passes, what fails, and what must never pass."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from genlabel_robust.gates.comparison.rerun import only_cell
from genlabel_robust.gates.gate import gate
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.models.model import TorchModel
from genlabel_robust.runs.assess.attacking import Step
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.config.stored_config import pinned_config
from genlabel_robust.runs.evaluate import evaluate_model
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.runs.plan.recipe_plan import make_plan

if TYPE_CHECKING:
    from tests.cli.conftest import Call

CallGate = Callable[..., "Call"]
QUICK = ("--suite", "quick", "--set", "train.epochs=20", "--jobs", "1", "-q")


TRAINED = (
    "evaluate",
    *("--dataset", "train.csv#y", "--test", "test.csv", "--strategy", "vanilla", "--arch", "mlp"),
    *("--set", "architecture.mlp.widths=[8]", "--eps", "0.05", *QUICK),
)


def table(path: Path, n: int, seed: int) -> None:
    """Write two overlapping Gaussian classes of four features."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    x = rng.normal(0, 1, (n, 4)) + 1.5 * y[:, None]
    pairs = zip(x, y, strict=True)
    rows = "".join(",".join(f"{v:.6f}" for v in row) + f",{'ab'[c]}\n" for row, c in pairs)
    path.write_text("p,q,r,s,y\n" + rows, encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working directory of the commands in this file, with the files that they name."""
    where = tmp_path_factory.mktemp("gate")
    table(where / "train.csv", 120, 1)
    table(where / "test.csv", 300, 2)
    table(where / "other.csv", 300, 3)
    (where / "header.csv").write_text("p,q,r,s,y\n", encoding="utf-8")
    (where / "empty.csv").write_text("", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(where)
        yield where


@pytest.fixture(scope="module")
def base(folder: Path, call: CallGate) -> Path:
    """A baseline of one model, which tests must not change."""
    made = call(*TRAINED, "--seeds", "1", "--out", "base-run")
    assert made.code == 0, made.stderr
    saved = call("baseline", "save", "base-run", "--out", "base.zip")
    assert saved.stdout == "base.zip: robust@0.05:train.csv#y/vanilla/mlp\n"
    assert "test rows, give the gate --max-drop 0." in saved.stderr
    return folder / "base.zip"


def told(result: Call) -> str:
    """Return the output for the user, which is never a traceback."""
    text = result.stdout + result.stderr
    assert "Traceback" not in text
    return text


def weights(base: Path) -> Path:
    (file,) = (base.parent / "base-run" / "models").iterdir()
    return file


def test_the_same_training_passes_as_identical(base: Path, call: CallGate) -> None:
    result = call("gate", "--baseline", "base.zip", "-q", "--out", "same")
    assert result.code == 0, told(result)
    assert "PASS train.csv#y/vanilla/mlp linf 0.05 (checkpoint): identical weights" in told(result)
    assert told(result).endswith("gate: pass\n")


def test_the_same_weights_pass_as_identical(base: Path, call: CallGate) -> None:
    result = call("gate", "--baseline", "base.zip", "--model", weights(base), "-q")
    assert result.code == 0, told(result)
    assert "identical weights" in told(result)


def test_a_finished_run_is_judged_and_every_report_is_written(base: Path, call: CallGate) -> None:
    result = call("gate", "base-run", "--baseline", "base.zip", "--report", "reports/a")
    assert result.code == 0, told(result)
    found = json.loads(Path("reports/a/gate.json").read_text(encoding="utf-8"))
    assert found["status"] == "pass"
    suites = ElementTree.parse("reports/a/junit.xml").getroot()  # noqa: S314
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("1", "0", "0")
    assert "✅ PASS" in Path("reports/a/gate.md").read_text(encoding="utf-8")
    command = shlex.split(found["command"])
    assert command[:3] == ["python", "-m", "genlabel_robust"]
    again = call(*command[3:], "--format", "json")
    assert json.loads(again.stdout) == found


def test_a_run_whose_name_begins_with_a_dash_is_judged_again_by_the_command_that_is_printed(
    base: Path, call: CallGate
) -> None:
    shutil.copytree("base-run", "-r")
    result = call("gate", "--baseline", "base.zip", "--", "-r")
    (line,) = [line for line in told(result).splitlines() if line.startswith("again: ")]
    command = shlex.split(line.removeprefix("again: "))
    assert command[-2:] == ["--", "-r"]
    assert call(*command[3:]).stdout == result.stdout
    shutil.rmtree("-r")


def test_a_masked_copy_of_the_same_model_does_not_pass(base: Path, call: CallGate) -> None:
    """Every answer is the same; gradients of the usual loss are gone."""
    tensors = load_file(weights(base))
    last = max(int(name.split(".")[0]) for name in tensors if name[0].isdigit())
    for name in (f"{last}.weight", f"{last}.bias"):
        tensors[name] = tensors[name] * np.float32(1000)
    save_file(tensors, "masked.safetensors")
    result = call("gate", "--baseline", "base.zip", "--model", "masked.safetensors", "-q")
    assert result.code == 6, told(result)
    assert "the candidate masks gradients, and the baseline does not" in told(result)


class Hard(torch.nn.Module):
    """A model that returns probabilities of 0 and 1 instead of logits."""

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        soft = torch.softmax(self.inner(x), dim=-1)
        hard = torch.nn.functional.one_hot(soft.argmax(dim=-1), soft.shape[-1]).to(soft.dtype)
        return hard + 0.0 * soft


def test_a_model_of_hard_probabilities_does_not_pass(base: Path) -> None:
    run = read_run(base.parent / "base-run")
    ((group, (cell,)),) = run.cells.items()
    inner = run.model(cell)
    assert isinstance(inner, TorchModel)
    model = TorchModel(Hard(inner.module), inner.scaling, 2)
    config = replace(pinned_config(run.manifest, RunConfig), out="hard")
    plan = only_cell(make_plan(config), *group, "hard", "hard")
    made = evaluate_model(model, plan)
    result = gate(made.path, base, Terms(), models=lambda group, number: model)
    assert result.exit_code == 6
    assert "(check scores)" in result.verdicts[0].sentence


@pytest.mark.parametrize("bridge", [(), ("--bridge",)])
def test_a_suite_with_fewer_steps_is_refused(
    base: Path, call: CallGate, bridge: tuple[str, ...]
) -> None:
    result = call(
        "gate",
        "--baseline",
        "base.zip",
        "--set",
        "attack.pgd.steps=5",
        "--seed",
        "1",
        "-q",
        *bridge,
    )
    assert result.code == 6, told(result)
    assert "weaker than the baseline's: pgd.steps: 20 in the baseline, 5 now" in told(result)


@pytest.mark.nightly(but=["eps", "drop", "steps"])
@pytest.mark.parametrize(
    ("options", "field"),
    [
        (("--eps", "0.06"), "eps: 0.05 in the baseline, 0.06 now"),
        (("--norm", "l2"), "norm: linf in the baseline, l2 now"),
        (("--unit", "std"), "the ranges that ε and the box refer to (attack_space)"),
        (("--test", "other.csv"), "the features of the test rows (test_features)"),
        (("--max-examples", "200"), "which rows are tested (test_ids)"),
        (("--drop", "s"), "the names of the features (features)"),
        (("--set", "constraints.immutable=['p']"), "constraints: None in the baseline"),
        (("--set", "attack.pgd.steps=40"), "pgd.steps: 20 in the baseline, 40 now"),
    ],
    ids=["eps", "norm", "unit", "test", "max-examples", "drop", "constraints", "steps"],
)
def test_what_cannot_be_compared_is_named(
    base: Path, call: CallGate, options: tuple[str, ...], field: str
) -> None:
    result = call("gate", "--baseline", "base.zip", "-q", *options)
    assert result.code == 4, told(result)
    assert field in told(result)


def test_a_bridge_attacks_the_old_model_with_the_new_suite(base: Path, call: CallGate) -> None:
    """The baseline's figure is what a run of it with the stronger suite gives."""
    stronger = ("--set", "attack.pgd.steps=40", "--set", "attack.pgd.restarts=4")
    result = call(
        "gate",
        "--baseline",
        "base.zip",
        "--seed",
        "1",
        *stronger,
        "--bridge",
        "-q",
        "--inconclusive",
        "warn",
        "--max-drop",
        "0.2",
        "--format",
        "json",
        "--out",
        "bridge",
    )
    assert result.code == 0, told(result)
    found = json.loads(result.stdout)
    assert any("attacked again with the run's suite (bridge)" in note for note in found["notes"])
    direct = call("gate", "--baseline", "base.zip", *stronger, "-q", "--out", "direct")
    assert direct.code == 4
    (row,) = json.loads(Path("direct/results.json").read_text(encoding="utf-8"))["rows"]
    assert found["endpoints"][0]["baseline"] == row["robust_accuracy"]
    again = call(*shlex.split(found["command"])[3:], "--format", "json")
    assert json.loads(again.stdout)["endpoints"] == found["endpoints"]


@pytest.mark.parametrize("file", ["header.csv", "empty.csv"])
def test_nothing_to_evaluate_is_no_pass_and_no_mistake_of_usage(
    base: Path, call: CallGate, file: str
) -> None:
    result = call("gate", "--baseline", "base.zip", "--test", file, "-q", "--out", f"none-{file}")
    assert result.code == 3
    assert told(result).startswith("error: there is nothing to evaluate: ")
    assert told(result).count("\n") == 1
    assert not Path(f"none-{file}").exists()


def test_rows_that_a_time_budget_left_out_are_no_pass(base: Path, call: CallGate) -> None:
    result = call("gate", "--baseline", "base.zip", "--max-seconds", "1e-9", "-q")
    assert result.code == 3, told(result)
    assert "NOT EVALUATED" in told(result)
    assert "run it without --max-seconds" in told(result)


def test_an_unfinished_run_is_no_pass(base: Path, call: CallGate, tmp_path: Path) -> None:
    run = Path(shutil.copytree("base-run", tmp_path / "run"))
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    (run / "manifest.json").write_text(json.dumps({**manifest, "finished": None}), encoding="utf-8")
    (run / "SHA256SUMS").unlink()
    for arguments in (("gate", run, "--baseline", base), ("gate", run, "--min-robust", "0.1")):
        result = call(*arguments)
        assert result.code == 3
        assert told(result) == f"error: {run}: the run is not finished; repeat its command\n"


@pytest.mark.parametrize("name", ["results.json", "manifest.json", "cells/*.npz", "models/*"])
def test_a_damaged_run_is_told(base: Path, call: CallGate, tmp_path: Path, name: str) -> None:
    run = Path(shutil.copytree("base-run", tmp_path / "run"))
    (file,) = run.glob(name)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    result = call("gate", run, "--baseline", base)
    assert result.code == 2
    assert "damaged" in told(result)
    assert told(result).count("\n") == 1


@pytest.mark.parametrize("damage", ["cut", "changed", "not there"])
def test_a_damaged_baseline_is_told(
    base: Path, call: CallGate, tmp_path: Path, damage: str
) -> None:
    path, content = tmp_path / "base.zip", bytearray(base.read_bytes())
    content[len(content) // 2] ^= 1
    if damage != "not there":
        path.write_bytes(content if damage == "changed" else content[: len(content) // 2])
    for arguments in (
        ("gate", "base-run", "--baseline", path),
        ("baseline", "show", path),
        ("gate", "--baseline", path),
        ("baseline", "update", path, "base-run", "--reason", "x"),
    ):
        result = call(*arguments)
        assert result.code == 2
        assert str(path) in told(result)
        assert told(result).count("\n") == 1


def test_no_gate_goes_on_with_an_older_run(base: Path, call: CallGate) -> None:
    first = call("gate", "--baseline", "base.zip", "-q", "--out", "once")
    assert first.code == 0
    second = call("gate", "--baseline", "base.zip", "-q", "--out", "once")
    assert second.code == 2
    assert "a gate never continues an old run" in told(second)
    before = set(Path("runs").iterdir()) if Path("runs").exists() else set()
    for _ in range(2):
        assert call("gate", "--baseline", "base.zip", "--model", weights(base), "-q").code == 0
    assert len(set(Path("runs").iterdir()) - before) == 2


def test_seeds_that_cannot_be_compared_are_refused_before_anything_is_trained(
    base: Path, call: CallGate
) -> None:
    made = call("gate", "--baseline", base, "--seeds", "5", "-q", "--out", "never")
    assert made.code == 2
    assert "the candidate has 5 training seeds, the baseline 1" in told(made)
    assert not Path("never").exists()


@pytest.mark.nightly
def test_five_seeds_each_are_compared_as_recipes(base: Path, call: CallGate) -> None:
    assert call(*TRAINED, "--seeds", "5", "--out", "five").code == 0
    assert call("baseline", "save", "five", "--out", "five-base").code == 0
    for seed, drop, code in ((0, "0.02", 0), (10, "0.3", 0)):
        result = call(
            "gate", "--baseline", "five-base", "--seed", str(seed), "--max-drop", drop, "-q"
        )
        assert result.code == code, told(result)
        assert "(recipe)" in told(result)
    refused = call("gate", "--baseline", "five-base", "--model", weights(base))
    assert refused.code == 2
    assert "the baseline has 5 trainings" in told(refused)


def test_floors_alone_and_beside_a_baseline(base: Path, call: CallGate) -> None:
    assert call("gate", "base-run", "--min-robust", "0.1").code == 0
    assert call("gate", "base-run", "--min-robust", "0.99").code == 1
    beside = call("gate", "base-run", "--baseline", base, "--min-robust", "0.99")
    assert beside.code == 1
    assert "identical" in told(beside)
    for endpoint in ("clean", "margin"):
        result = call("gate", "base-run", "--min-robust", "0.1", "--endpoint", endpoint)
        assert result.code == 2
        assert "no endpoint is a robust accuracy" in told(result)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gate",), "there is nothing to judge"),
        (("gate", "base-run"), "nothing to compare with"),
        (
            ("gate", "base-run", "--baseline", "base.zip", "--seeds", "2"),
            "so seeds cannot change it",
        ),
        (("gate", "nowhere", "--baseline", "base.zip"), "nowhere does not contain a finished run"),
        (
            ("baseline", "save", "nowhere", "--out", "new.zip"),
            "nowhere does not contain a finished",
        ),
        (("report", "nowhere"), "nowhere does not contain a finished run"),
        (("verify", "nowhere"), "nowhere does not contain a finished run"),
        (("gate", "base-run", "--baseline", "base.zip", "--max-drop", "2"), "max_drop is 2.0"),
        (("gate", "base-run", "--baseline", "base.zip", "--endpoint", "x"), "no measure"),
        (("gate", "--baseline", "base.zip", "--model", "train.csv"), "cannot be read as a model"),
        (("gate", "--baseline", "base.zip", "--model", "no.skops"), "no.skops cannot be read: No"),
        (("baseline", "save", "base-run", "--out", "base.zip"), "base.zip exists"),
        (("baseline", "update", "base.zip", "base-run", "--reason", " "), "needs a reason"),
    ],
)
def test_mistakes_are_told(
    base: Path, call: CallGate, arguments: tuple[str, ...], message: str
) -> None:
    content = base.read_bytes()
    result = call(*arguments)
    assert result.code == 2
    assert message in told(result)
    assert base.read_bytes() == content


def test_a_model_that_is_attacked_moves_the_bar_of_an_audit(
    base: Path, call: CallGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[float] = []

    @contextmanager
    def recorded(*, quiet: bool) -> Iterator[Step]:
        assert not quiet
        yield lambda done, total, name: moved.append(done / total)

    monkeypatch.setattr("genlabel_robust.cli.progress.steps", recorded)
    assert call("gate", "--baseline", "base.zip", "--model", weights(base)).code == 0
    assert len(moved) > 2
    assert moved == sorted(moved)


def test_a_baseline_is_updated_for_a_reason(base: Path, call: CallGate) -> None:
    shutil.copy(base, "mine.zip")
    assert call("baseline", "update", "mine.zip", "base-run", "--reason", "new data").code == 0
    shown = call("baseline", "show", "mine.zip")
    assert shown.code == 0
    assert "updated: new data" in told(shown)


def test_github_is_told_of_verdicts_and_of_errors(
    base: Path, call: CallGate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STEP_SUMMARY", "OUTPUT"):
        monkeypatch.setenv(f"GITHUB_{name}", str(tmp_path / name))
    failed = call("gate", "base-run", "--min-robust", "0.99", "--format", "github")
    assert failed.code == 1
    assert "::error title=robustness%3A fail::FAIL train.csv#y" in failed.stdout
    broken = call("gate", "base-run", "--baseline", "no.zip", "--format", "github")
    assert broken.code == 2
    assert "::error title=robustness%3A error::there is no baseline no.zip" in broken.stdout
    assert (tmp_path / "OUTPUT").read_text(encoding="utf-8").splitlines() == [
        "status=fail",
        "exit-code=1",
        "status=error",
        "exit-code=2",
    ]
    assert "❌ FAIL" in (tmp_path / "STEP_SUMMARY").read_text(encoding="utf-8")
