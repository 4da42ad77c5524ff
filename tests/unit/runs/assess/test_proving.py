"""Proofs about a model, and their effect on the numbers of a run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import genlabel_robust
from genlabel_robust.certify.certificate import Certificate, refuse_contradiction
from genlabel_robust.core.errors import AttackError, UsageError
from genlabel_robust.reports.page.sections.bracket import bracket
from genlabel_robust.reports.page.sections.limits import limits
from genlabel_robust.reports.write import render
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.evaluate import Run
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.threat.threat_model import within
from genlabel_robust.verify.verify import verify_run

X, Y = load_breast_cancer(return_X_y=True)
TRAIN, TEST, Y_TRAIN, Y_TEST = train_test_split(X, Y, random_state=0, stratify=Y)
BUDGETS = (0.02, 0.1)


def audited(model: object, out: Path, **settings: object) -> Run:
    return genlabel_robust.audit(
        model,
        TEST[:30],
        Y_TEST[:30],
        reference=TRAIN,
        eps=BUDGETS,
        suite="quick",
        out=str(out),
        **settings,
    )


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Run:
    model = GradientBoostingClassifier(n_estimators=30, random_state=0).fit(TRAIN, Y_TRAIN)
    return audited(model, tmp_path_factory.mktemp("trees") / "run")


def test_trees_are_decided_and_the_numbers_say_so(trees: Run) -> None:
    for row in trees.results["rows"]:
        counts = row["certification"]["outcomes"]
        assert row["certification"]["kind"] == "trees"
        assert row["certification"]["about"].startswith("30 trees with ")
        assert counts["open"] == 0
        assert sum(counts.values()) == 30
        exact = row["exact_robust_accuracy"]["value"]
        assert exact == row["robust_accuracy"]["value"] == row["certified_accuracy"]["value"]
        assert exact == counts["certified"] / 30
        said = {check["name"]: check["sentence"] for check in row["checks"]}
        assert "Every answer is decided" in said["decided"]
        assert "far lower" not in " ".join(said.values())
        assert not any(name.startswith("canary") for name in said)


def test_a_certificate_is_stored_and_says_what_attacks_may_find(trees: Run) -> None:
    (panel,) = read_run(trees.path).panels.values()
    (result,) = panel.results
    found = result.certificate
    assert found is not None
    right = result.predictions == result.labels
    assert (found.lower[~right] == 0).all()
    assert (found.upper[~right] == 0).all()
    assert (result.distances.min(axis=0) >= found.lower * (1 - 1e-9)).all()
    broken = right & within(found.upper, BUDGETS[-1])
    assert broken.any()
    assert np.isfinite(found.witness[broken]).all()
    assert (right & ~within(found.lower, BUDGETS[0])).any()


def test_linear_models_are_decided_too(tmp_path: Path) -> None:
    model = LogisticRegression(max_iter=5000).fit(TRAIN, Y_TRAIN)
    run = audited(model, tmp_path / "run")
    for row in run.results["rows"]:
        assert row["certification"]["kind"] == "affine"
        assert row["certification"]["outcomes"]["open"] == 0
        assert row["margin"]["kind"] == "exact"


def test_a_function_has_an_upper_bound_only_and_the_reason(tmp_path: Path) -> None:
    model = LogisticRegression(max_iter=5000).fit(TRAIN, Y_TRAIN)
    run = audited(lambda x: model.predict_proba(x), tmp_path / "run")
    row = run.results["rows"][0]
    assert row["certified_accuracy"] is None
    assert row["exact_robust_accuracy"] is None
    assert row["certification"] == {
        "kind": None,
        "about": None,
        "reason": "the model is a function, whose inside cannot be seen",
    }


def test_certify_off_proves_nothing(tmp_path: Path) -> None:
    model = GradientBoostingClassifier(n_estimators=5, random_state=0).fit(TRAIN, Y_TRAIN)
    row = audited(model, tmp_path / "run", certify="off").results["rows"][0]
    assert row["certified_accuracy"] is None
    assert "--certify off" in row["certification"]["reason"]


@pytest.mark.nightly
def test_what_a_limit_of_time_left_is_open_and_said(tmp_path: Path) -> None:
    model = GradientBoostingClassifier(n_estimators=5, random_state=0).fit(TRAIN, Y_TRAIN)
    run = audited(model, tmp_path / "run", certify_seconds=1e-9)
    row = run.results["rows"][0]
    assert row["certification"]["cut"]
    assert row["certification"]["outcomes"]["certified"] == 0
    assert row["exact_robust_accuracy"] is None
    assert "what they decide depends on the machine" in str(limits(read_run(run.path)))


def test_nets_have_a_bracket(tmp_path: Path) -> None:
    run = genlabel_robust.evaluate(
        datasets="iris",
        strategies="vanilla",
        seeds=1,
        suite="quick",
        eps=0.1,
        max_examples=12,
        out=str(tmp_path / "run"),
    )
    (row,) = run.results["rows"]
    assert row["certification"]["kind"] == "relu-net"
    allowed, measured = (row["certification"][n] for n in ("rounding", "measured_rounding"))
    assert 0 < measured < allowed < 1e-2
    assert f"measured on the rows is {measured:.2g}" in str(bracket(read_run(run.path)))
    low, high = row["certified_accuracy"]["value"], row["robust_accuracy"]["value"]
    counts = row["certification"]["outcomes"]
    assert low <= high
    assert counts["open"] == round((high - low) * sum(counts.values()))


def test_a_proof_and_an_attack_that_contradict_each_other_stop_the_run() -> None:
    proved = Certificate(np.array([0.2]), np.array([0.3]), np.zeros((1, 2)), np.zeros(1, int))
    with pytest.raises(AttackError, match=r"'pgd' breaks row 7 at distance 0\.1, .*30 trees.*0\.2"):
        refuse_contradiction(proved, "30 trees", ("pgd",), np.array([[0.1]]), lambda _: "row 7")
    refuse_contradiction(proved, "30 trees", ("pgd",), np.array([[0.2]]), lambda _: "row 7")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = genlabel_robust.evaluate(
        datasets="iris",
        strategies="vanilla",
        architectures="logistic",
        seeds=1,
        eps=0.1,
        suite="quick",
        out=str(tmp_path_factory.mktemp("trained") / "run"),
    )
    return run.path


def edited(run: Path, out: Path, edit: Callable[[Certificate], Certificate]) -> list[str]:
    """Return the findings of ``verify`` on a copy of ``run`` with another certificate."""
    folder = RunFolder(shutil.copytree(run, out))
    key = next((out / "cells").glob("*.json")).stem
    about, result = folder.read_cell(key)
    assert result.certificate is not None
    folder.save_cell(
        key, about["cell"], replace(result, certificate=edit(result.certificate)), None
    )
    return [finding.what for finding in verify_run(out, render=render).findings]


def test_a_run_with_proofs_verifies(trained: Path) -> None:
    found = verify_run(trained, render=render)
    # a run from Python has no checksums until its report is written
    assert [f.where for f in found.findings] == ["SHA256SUMS"]
    (other,) = found.confirmed
    assert (other.method, other.asked, other.agreed) == ("linear programs", 5, 5)


def test_a_lower_bound_that_was_rewritten_is_found(trained: Path, tmp_path: Path) -> None:
    told = edited(trained, tmp_path / "run", lambda c: replace(c, lower=c.lower * 0.5))
    assert any("the stored lower bound of the distance is not what is proved" in t for t in told)


def test_a_row_that_was_rewritten_as_proved_is_found(trained: Path, tmp_path: Path) -> None:
    def prove_all(found: Certificate) -> Certificate:
        right = found.lower > 0
        nothing = np.where(right[:, None], np.nan, found.witness)
        infinite = np.where(right, np.inf, 0.0)
        return replace(found, lower=infinite, upper=infinite, witness=nothing)

    told = edited(trained, tmp_path / "run", prove_all)
    assert any("one of the two is wrong" in t for t in told)
    assert any("found by linear programs" in t for t in told)


def test_a_witness_that_breaks_nothing_is_found(trained: Path, tmp_path: Path) -> None:
    def move(found: Certificate) -> Certificate:
        return replace(found, witness=found.witness + np.float64(1e-3))

    told = edited(trained, tmp_path / "run", move)
    assert any("the stored witness of the proof" in t for t in told)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"certify": "maybe"},
            "there is no effort to certify 'maybe'; known: auto, bounds, exact, off",
        ),
        ({"certify_seconds": 0}, "certify_seconds is 0.0; it must be a number of seconds above 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        RunConfig(**settings)  # type: ignore[arg-type]


def test_settings_of_proofs_leave_older_identities_as_they_were() -> None:
    assert "certify" not in RunConfig().identity
    assert RunConfig(certify="exact").identity["certify"] == "exact"
