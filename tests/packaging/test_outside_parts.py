"""The example package of docs/examples can be built, installed and used from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from tests.parts.conftest import EXAMPLE, described

#: Measured for minutes, and seldom changed.
pytestmark = pytest.mark.nightly

ROOT = EXAMPLE.parent.parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that pip installed the package to; without hatchling, what pip would have."""
    import shutil

    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("target")
    shutil.copytree(EXAMPLE, source / "package", ignore=shutil.ignore_patterns("__pycache__"))
    if find_spec("hatchling") is None or find_spec("pip") is None:
        shutil.copytree(source / "package" / "outside_parts", target / "outside_parts")
        text = (EXAMPLE / "pyproject.toml").read_text(encoding="utf-8")
        project = tomllib.loads(text)["project"]
        described(target, project["name"], project["version"], project["entry-points"])
        return target
    options = ("--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target)]
    done = subprocess.run([*command, str(source / "package")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def run(installed: Path, tmp_path: Path):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "genlabel_robust", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{installed}"},
            capture_output=True,
            text=True,
        )

    return run


def test_its_strategy_net_and_attack_are_compared_in_processes_and_verified(
    run, tmp_path: Path
) -> None:
    parts = ("--strategy", "input-noise", "--arch", "residual", "--attack", "corners")
    others = ("--strategy", "vanilla", "--attack", "pgd", "--part", "above-chance")
    small = ("--dataset", "iris", "--seeds", "1", "--set", "train.epochs=10", "--jobs", "2")
    done = run("evaluate", *others, *parts, *small, "--part", "at-a-glance", "--out", "run", "-q")
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "run" / "results.json").read_text(encoding="utf-8"))
    assert results["attacks"] == ["pgd", "corners"]
    for row in results["rows"]:
        assert row["checks"][-1]["name"] == "above-chance"
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "Rows at a glance" in page
    assert "outside_parts.strategy:InputNoise</bdi>, of outside-parts 1.0, source " in page
    # more parts than the run used do no harm
    done = run("verify", "run", "--part", "outside-parts")
    assert (done.returncode, done.stderr) == (0, "")


def test_its_format_structure_and_certifier_audit_a_file(run, tmp_path: Path) -> None:
    x, y = load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=1000).fit(x, y)
    weights = {"weight": model.coef_.tolist(), "bias": model.intercept_.tolist()}
    (tmp_path / "model.weights").write_text(json.dumps(weights))
    lines = [
        "a,b,c,d,label",
        *(",".join(map(str, (*row, label))) for row, label in zip(x, y, strict=True)),
    ]
    (tmp_path / "test.csv").write_text("\n".join(lines) + "\n")
    audit = ("audit", "model.weights", "--data", "test.csv", "--target", "label", "-q")
    quick = ("--suite", "quick", "--checks", "off", "--max-examples", "40")
    plain, proved = tmp_path / "plain", tmp_path / "proved"
    done = run(*audit, *quick, "--out", "plain")
    assert done.returncode == 0, done.stderr
    done = run(*audit, *quick, "--part", "outside-parts", "--out", "proved")
    assert done.returncode == 0, done.stderr
    found = [
        json.loads((folder / "results.json").read_text(encoding="utf-8"))["rows"][0]
        for folder in (plain, proved)
    ]
    # the ending of the file asks for its reader; the structure has to be named
    assert found[0]["certification"]["kind"] is None
    assert found[1]["certification"]["kind"] == "affine"
    assert found[1]["certified_accuracy"]["value"] == found[1]["robust_accuracy"]["value"]
    assert found[1]["robust_accuracy"]["value"] <= found[0]["robust_accuracy"]["value"]
    done = run("verify", "proved", "--part", "outside-parts")
    assert (done.returncode, done.stderr) == (0, "")
    done = run("verify", "plain")
    assert done.returncode == 2
    assert "--part formats..weights=outside_parts.model_file:read" in done.stderr
