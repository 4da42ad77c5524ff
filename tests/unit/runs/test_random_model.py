"""A model with random predictions: refused, or on request reported as such and never gated."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.gates.baselines.baseline import save_baseline
from genlabel_robust.gates.gate import gate
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.reports.text.markdown import markdown_report
from genlabel_robust.reports.text.terminal import terminal_report
from genlabel_robust.reports.write import render, write_reports
from genlabel_robust.runs.audit import audit, audit_files
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.audit_plan import PlannedAudit
from genlabel_robust.runs.results.schema import results_schema
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.verify.manifest_claims import read_manifest
from genlabel_robust.verify.planned_again import planned_again
from genlabel_robust.verify.row_claims.rates import check_rates
from genlabel_robust.verify.verify import verify_run

X = np.random.default_rng(0).uniform(-5, 5, (120, 2))
Y = (X[:, 0] > 0).astype(int)
FIRST = "The model's answer for a row depends on chance, so every figure comes from one draw"
QUICK: dict[str, Any] = {"suite": "quick", "eps": 0.05}


class Dropped(nn.Module):
    """A net that drops a feature in every call, in any mode."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first = nn.functional.dropout(x, 0.3, training=True)[:, 0]
        return torch.stack([-first, first + 0.5], dim=1)


@pytest.fixture(scope="module")
def varying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit of a model file that is allowed although its predictions are random."""
    folder = tmp_path_factory.mktemp("varying")
    pd.DataFrame(X, columns=["a", "b"]).assign(y=Y).to_csv(folder / "d.csv", index=False)
    torch.save(Dropped(), folder / "m.pt")
    files = AuditFiles(str(folder / "m.pt"), str(folder / "d.csv"), "y", random_model=True)
    config = RunConfig(**QUICK, out=str(folder / "run"))
    return audit_files(files, config, trust=True).path


def test_it_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="predictions depend on chance: when it predicts"):
        audit(Dropped(), X, Y, out=tmp_path / "run", **QUICK)
    assert not (tmp_path / "run").exists()


def test_a_model_that_does_not_vary_is_not_called_random(tmp_path: Path) -> None:
    run = audit(
        lambda x: np.asarray(x)[:, 0],
        X,
        Y,
        out=tmp_path / "run",
        random_model=True,
        attacks=["noise"],
        eps=0.05,
        checks="off",
    )
    assert run.results["model"]["varies"] is None
    assert run.results["model"]["output"] == "logit"


def test_on_purpose_its_report_says_so_first(varying: Path) -> None:
    results = json.loads((varying / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(results, results_schema())
    assert results["model"]["varies"] == "chance"
    heading, _, warning = markdown_report(results).splitlines()[2:5]
    assert heading == "## Do not rely on these numbers"
    assert warning.startswith(f"- {FIRST}")
    assert str(terminal_report(results).renderables[0]).startswith(FIRST)
    # what counts as right is what was attacked
    (row,) = results["rows"]
    assert row["robust_accuracy"]["value"] <= row["clean_accuracy"]["value"]


def test_no_gate_passes_on_it_and_no_baseline_is_made_of_it(varying: Path, tmp_path: Path) -> None:
    result = gate(varying, None, Terms(min_robust=0.01))
    assert result.exit_code == 6
    assert "depends on chance" in result.verdicts[0].sentence
    with pytest.raises(
        ConfigurationError, match=r"depends on chance, so .*no gate could pass with it"
    ):
        save_baseline(varying, tmp_path / "b.zip", ("robust",))


def test_verifying_it_compares_rates_and_not_rows(varying: Path) -> None:
    write_reports(varying)

    found = verify_run(varying, render=render, trust=True)
    assert found.findings == ()
    assert "its rates were compared with those of new draws" in found.loosely[0]


def test_rates_that_chance_does_not_make_are_found(varying: Path) -> None:
    opened = planned_again(varying, read_manifest(varying), trust=True)
    assert isinstance(opened, PlannedAudit)
    (cell,), (task,) = opened.plan.cells, opened.plan.tasks.values()
    result = RunFolder(varying).load_cell(cell.key)
    assert result is not None

    def told(reattack: bool = False, **changes: Any) -> list[str]:
        found = check_rates(
            cell,
            replace(result, **changes),
            task,
            opened.model,
            attack_space(task, cell.threat),
            reattack=reattack,
        )
        return [str(one) for one in found]

    assert told() == []
    (clean,) = told(predictions=1 - result.predictions)
    assert "the stored clean accuracy is" in clean
    # rows of the second class, far on its side, where the model is never wrong
    second = np.isfinite(result.adversarial) & (task.y_test[:, None] == 1)
    far = np.where(second, 5.0, np.nan)
    (examples,) = told(adversarial=far)
    assert "the stored adversarial examples are mislabelled in" in examples
    (again,) = told(reattack=True, distances=np.full_like(result.distances, 0.01))
    assert "0.0 % are stored as robust at ε = 0.05" in again
