"""The action and the example workflow; their scripts run as in GitHub's runner.

Steps that `use` an action from elsewhere only move files; the tests move these themselves.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from tests.cli.conftest import Call

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / ".github/actions/gate/action.yml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / "docs/examples/robustness.yml").read_text(encoding="utf-8"))
STEPS = WORKFLOW["jobs"]["gate"]["steps"]
OWN_MODEL = yaml.safe_load((ROOT / "docs/examples/own-model.yml").read_text(encoding="utf-8"))
OWN_STEPS = OWN_MODEL["jobs"]["gate"]["steps"]
#: What a repository of one's own has: how the model is made. {C}: of its regularization.
TRAIN = """
import skops.io
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

frame = load_breast_cancer(as_frame=True).frame
frame[::2].to_csv("train.csv", index=False)
frame[1::2].to_csv("test.csv", index=False)
x, y = frame[::2].drop(columns="target"), frame[::2]["target"]
skops.io.dump(make_pipeline(StandardScaler(), LogisticRegression(C={C})).fit(x, y), "model.skops")
"""
SETTINGS = """
datasets = ["breast-cancer"]
strategies = ["vanilla"]
architectures = ["logistic"]
eps = [0.05]
seeds = 1
suite = "quick"
test_share = 0.5
jobs = 1

[train]
epochs = 20
"""


@dataclass
class Runner:
    """The state of a runner: a checkout, its own folder, and the outputs of steps."""

    workspace: Path
    temp: Path
    contexts: dict[str, str]
    python: Path
    log: list[str] = field(default_factory=list)
    failed: bool = False

    def filled(self, text: str) -> str:
        return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda m: self.contexts.get(m[1], ""), str(text))

    def due(self, step: Mapping[str, Any]) -> bool:
        condition = step.get("if", "")
        if condition == "always()":
            return True
        if self.failed or not condition:
            return not self.failed
        name, sign, value = re.fullmatch(r"(\S+) ([!=]=) '(.*)'", condition).groups()
        return (self.contexts.get(name, "") == value) == (sign == "==")

    def run(self, step: Mapping[str, Any]) -> dict[str, str]:
        """Run a script as the runner does; return its outputs."""
        number = len(self.log)
        files = {n: self.temp / f"{n}-{number}" for n in ("OUTPUT", "ENV", "STEP_SUMMARY")}
        for file in files.values():
            file.touch()
        script = self.temp / f"script-{number}.sh"
        script.write_text(self.filled(step["run"]), encoding="utf-8")
        environ = {
            "PATH": os.pathsep.join([str(self.python.parent), os.environ["PATH"]]),
            "HOME": str(self.temp),
            "PYTHONPATH": str(ROOT),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_ACTIONS": "true",
            "RUNNER_TEMP": str(self.temp),
            **{f"GITHUB_{name}": str(file) for name, file in files.items()},
            **{name: self.filled(value) for name, value in step.get("env", {}).items()},
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env=environ,
            capture_output=True,
            text=True,
        )
        self.log.append(done.stdout + done.stderr)
        self.failed |= done.returncode != 0
        pairs = [line.split("=", 1) for line in files["OUTPUT"].read_text().splitlines()]
        outputs = dict(pairs)
        if "id" in step:
            self.contexts |= {f"steps.{step['id']}.outputs.{k}": v for k, v in outputs.items()}
        return {
            **outputs,
            "code": str(done.returncode),
            "summary": files["STEP_SUMMARY"].read_text(encoding="utf-8"),
        }

    def use(self, given: Mapping[str, str]) -> dict[str, str]:
        """Run the composite action with the inputs ``given``; return its script's outputs."""
        inputs = {name: about.get("default", "") for name, about in ACTION["inputs"].items()}
        assert given.keys() <= inputs.keys()
        inputs |= {name: self.filled(value) for name, value in given.items()}
        contexts = {f"inputs.{name}": value for name, value in inputs.items()}
        contexts |= {k: v for k, v in self.contexts.items() if k.startswith("github.")}
        inside = Runner(self.workspace, self.temp, contexts, self.python, self.log)
        found: dict[str, str] = {}
        for step in ACTION["runs"]["steps"]:
            if inside.due(step):
                assert step["shell"] == "bash"
                found = inside.run(step)
        self.failed |= inside.failed
        outputs = {n: inside.filled(o["value"]) for n, o in ACTION["outputs"].items()}
        return found | outputs


@pytest.fixture
def runner(tmp_path: Path, quick_python: Path) -> Runner:
    for name in ("workspace", "temp"):
        (tmp_path / name).mkdir()
    (tmp_path / "workspace" / "robustness.toml").write_text(SETTINGS, encoding="utf-8")
    contexts = {"github.sha": "abc123", "github.ref": "refs/heads/main"}
    return Runner(tmp_path / "workspace", tmp_path / "temp", contexts, quick_python / "python")


def played(
    runner: Runner, cache: Path | None, steps: Sequence[Mapping[str, Any]] = STEPS
) -> Iterator[tuple[str, dict[str, str]]]:
    """Run an example's job; ``cache``: the content of the restored cache."""
    for step in steps:
        name = step.get("name", step.get("uses"))
        if not runner.due(step) or name == "Install":
            continue
        if "run" in step:
            yield name, runner.run(step)
        elif ".github/actions/gate" in step["uses"]:
            # what would be installed is here already
            yield name, runner.use({k: v for k, v in step["with"].items() if k != "install"})
        elif step["uses"].startswith("actions/cache/restore@") and cache is not None:
            shutil.copytree(cache, runner.workspace / step["with"]["path"])
        else:
            yield name, {key: runner.filled(v) for key, v in step.get("with", {}).items()}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory, call: Callable[..., Call]) -> Path:
    """The baseline that an earlier run on main saved, with the example's own settings."""
    where = tmp_path_factory.mktemp("cache")
    (where / "robustness.toml").write_text(SETTINGS, encoding="utf-8")
    made = call(
        "evaluate", "--config", where / "robustness.toml", "--out", where / "run", "--quiet"
    )
    assert made.code == 0, made.stderr
    assert call("baseline", "save", where / "run", "--out", where / "baseline").code == 0
    return where / "baseline"


def test_the_first_run_on_main_makes_the_baseline(runner: Runner) -> None:
    steps = dict(played(runner, None))
    assert not runner.failed, runner.log
    assert "Gate" not in steps
    assert (runner.workspace / "baseline" / "baseline.json").is_file()
    assert steps["Keep the baseline"]["key"] == "robustness-baseline-abc123"


def test_a_gate_that_passes_updates_the_baseline_on_main(runner: Runner, cache: Path) -> None:
    steps = dict(played(runner, cache))
    assert not runner.failed, runner.log
    gate = steps["Gate"]
    assert (gate["code"], gate["status"], gate["exit-code"]) == ("0", "pass", "0")
    assert gate["summary"].startswith("## Robustness gate: ✅ PASS")
    assert not [line for text in runner.log for line in text.splitlines() if line[:2] == "::"]
    assert (runner.workspace / steps["Keep the run"]["path"] / "gate" / "junit.xml").is_file()
    assert "main at abc123" in (runner.workspace / "baseline" / "baseline.json").read_text()
    assert list(steps)[-1] == "Keep the baseline"


def test_a_gate_that_fails_keeps_the_run_and_the_old_baseline(runner: Runner, cache: Path) -> None:
    """The candidate has hardly been trained."""
    settings = SETTINGS.replace("epochs = 20", "epochs = 1\nlearning_rate = 1e-5")
    (runner.workspace / "robustness.toml").write_text(settings, encoding="utf-8")
    steps = dict(played(runner, cache))
    assert runner.failed
    gate = steps["Gate"]
    assert (gate["code"], gate["status"], gate["exit-code"]) == ("1", "fail", "1")
    assert gate["summary"].startswith("## Robustness gate: ❌ FAIL")
    annotations = [line for text in runner.log for line in text.splitlines() if line[:2] == "::"]
    assert len(annotations) == 1
    assert annotations[0].startswith("::error title=robustness%3A fail::FAIL breast-cancer")
    assert "Keep the run" in steps
    assert "Make the new baseline" not in steps
    about = (runner.workspace / "baseline" / "baseline.json").read_bytes()
    assert about == (cache / "baseline.json").read_bytes()


def test_a_pull_request_changes_no_baseline(runner: Runner) -> None:
    steps = {step.get("name", ""): step for step in STEPS}
    for name in ("Make the new baseline", "Keep the baseline"):
        assert runner.due(steps[name])
    runner.contexts["github.ref"] = "refs/pull/1/merge"
    for name in ("Make the new baseline", "Keep the baseline"):
        assert not runner.due(steps[name])


def test_a_run_can_be_made_anew_with_options(runner: Runner, cache: Path) -> None:
    made = runner.use(
        {
            "baseline": str(cache),
            "options": "--seed\n3\n",
            "out": "a folder",
            "mode": "checkpoint",
            "endpoint": "clean\nrobust\n",
            "min-robust": "0.1",
            "inconclusive": "pass",
            "max-drop": "0.5",
            "python": str(runner.python),
        },
    )
    assert made["status"] == "pass", runner.log
    assert (runner.workspace / "a folder" / "gate" / "gate.json").is_file()
    assert len(re.findall(r"^PASS ", runner.log[-1], flags=re.M)) == 3


@pytest.mark.parametrize("given", [{"baseline": "nowhere"}, {"baseline": "x", "mode": "both"}])
def test_an_error_has_outputs_too(runner: Runner, given: dict[str, str]) -> None:
    made = runner.use(given)
    assert (made["code"], made["status"], made["exit-code"]) == ("2", "error", "2")


def test_no_input_is_a_command_or_an_option(runner: Runner) -> None:
    evil = "$(touch evil) `touch evil`; touch evil # \"; touch evil; ' --help"
    made = runner.use({n: evil for n in ACTION["inputs"] if n not in ("install", "python")})
    assert made["code"] == "2"
    made = runner.use({"baseline": "--help", "endpoint": "--help", "run": "--help"})
    assert made["code"] == "2"
    assert "Show this message" not in "".join(runner.log)
    assert not (runner.workspace / "evil").exists()


def test_several_requirements_are_installed_one_on_each_line(runner: Runner) -> None:
    fake = runner.temp / "python"
    fake.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n', encoding="utf-8")
    fake.chmod(0o755)
    given = {"install": "genlabel-robust[onnx]\nxgboost >= 2; python_version < '4'\n"}
    runner.use({"python": str(fake), **given})
    words = "<-m><pip><install><--><genlabel-robust[onnx]><xgboost >= 2; python_version < '4'>"
    assert runner.log[0] == words


def own(runner: Runner, c: float) -> list[Mapping[str, Any]]:
    """Put a repository with a model into the runner; return the steps, without installation.

    Its attacks are quick ones, to keep the test fast.
    """
    (runner.workspace / "train.py").write_text(TRAIN.replace("{C}", str(c)), encoding="utf-8")
    changed: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
        "Train": lambda step: {**step, "run": "python train.py"},
        "Gate": lambda step: {
            **step,
            "with": {**step["with"], "options": f"{step['with']['options']}--suite\nquick\n"},
        },
    }
    return [
        changed[step["name"]](step) if step.get("name") in changed else step for step in OWN_STEPS
    ]


@pytest.mark.nightly
def test_the_gate_of_ones_own_model_makes_its_baseline_and_holds_a_worse_model_to_it(
    runner: Runner,
) -> None:
    steps = dict(played(runner, None, own(runner, 0.01)))
    assert not runner.failed, runner.log
    assert steps["Gate"]["status"] == "pass"
    baseline = runner.workspace / "baseline"
    assert (baseline / "baseline.json").is_file()
    kept = Path(shutil.copytree(baseline, runner.temp / "kept"))
    for name in ("baseline", "robustness-run"):
        shutil.rmtree(runner.workspace / name)
    # held back less, and so less robust
    steps = dict(played(runner, kept, own(runner, 1.0)))
    assert runner.failed
    assert (steps["Gate"]["status"], steps["Gate"]["exit-code"]) == ("fail", "1")
    assert "Keep the run" in steps
    assert "Make the new baseline" not in steps


def test_a_model_that_cannot_be_audited_is_an_error_and_not_judged(runner: Runner) -> None:
    made = runner.use({"model": "none.skops", "data": "x.csv", "target": "y", "min-robust": "0.1"})
    assert (made["code"], made["status"], made["exit-code"]) == ("2", "error", "2")
    assert not (runner.workspace / "robustness-run").exists()


def test_the_action_installs_the_package_that_it_is_part_of(runner: Runner) -> None:
    fake = runner.temp / "python"
    fake.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n', encoding="utf-8")
    fake.chmod(0o755)
    runner.contexts["github.action_path"] = "/there/.github/actions/gate"
    runner.use({"python": str(fake), "install": "self\nself[xgboost]\nselfish\n"})
    home = "/there/.github/actions/gate/../../.."
    assert runner.log[0] == f"<-m><pip><install><--><{home}><{home}[xgboost]><selfish>"


def scripts() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for step in [*ACTION["runs"]["steps"], *STEPS, *OWN_STEPS]:
        if "run" in step:
            yield step.get("name", ""), step


@pytest.mark.parametrize(
    "step", [step for _, step in scripts()], ids=[name for name, _ in scripts()]
)
def test_nothing_is_pasted_into_a_script(step: Mapping[str, Any]) -> None:
    assert "${{" not in step["run"]


def test_the_action_installs_nothing_by_itself_and_uses_no_other() -> None:
    assert ACTION["inputs"]["install"]["default"] == ""
    assert ACTION["runs"]["using"] == "composite"
    install, gate = ACTION["runs"]["steps"]
    assert install["if"] == "inputs.install != ''"
    assert "uses" not in install
    assert "uses" not in gate


def test_the_run_is_kept_whatever_the_gate_says() -> None:
    (upload,) = [s for s in STEPS if s.get("uses", "").startswith("actions/upload-artifact@")]
    assert upload["if"] == "always()"
