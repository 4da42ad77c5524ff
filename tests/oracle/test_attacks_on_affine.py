"""Attacks against the exact robust accuracy of affine models, on real data.

``benchmarks/affine_gap.py`` prints the same for every set of the folder.
"""

from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.runs.assess.attacking import attack_model
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.threat_model import within

EPS = 0.1
SETS = ("openml:1413", "openml:763", "openml:1498")


# columns of whole numbers have an exact value in linf only, and need a search for such columns
@pytest.mark.nightly(but=["linf-continuous-labels_alone0"])
@pytest.mark.parametrize(
    ("norm", "whole_numbers", "labels_alone"),
    [
        ("linf", "continuous", ["sign-bisect"]),
        ("linf", "whole", ["sign-bisect", "lattice-search"]),
        ("l2", "continuous", ["boundary-normal"]),
    ],
)
def test_attacks_reach_the_exact_robust_accuracy(
    norm, whole_numbers, labels_alone, real_data_folder, monkeypatch
) -> None:
    monkeypatch.setenv("GENLABEL_ROBUST_OPENML_DIR", str(real_data_folder))
    plan = make_plan(
        RunConfig(
            datasets=SETS,
            strategies=("vanilla", "mixup"),
            architectures=("logistic", "linear3"),
            eps=(EPS,),
            norm=norm,
            seeds=1,
            whole_numbers=whole_numbers,
        )
    )
    robust: dict[str, list[bool]] = {"exact": [], **{a.name: [] for a in plan.attacks}}
    for cell in plan.cells:
        task = plan.tasks[cell.dataset]
        space = attack_space(task, plan.threat)
        model, _ = train_model(cell, task, space)
        x, y = task.x_test, task.y_test
        exact = exact_margins(model, space, x, y, norm)
        attacked = attack_model(
            model, space, x, y, task.x_train, plan.threat, plan.attacks, 0, when=plan.when
        )
        # no attack reports less than is possible, on any row
        assert (attacked.distances >= exact - 1e-5).all()
        for attack, distances in zip(plan.attacks, attacked.distances, strict=True):
            robust[attack.name].extend(~within(distances, EPS))
        robust["exact"].extend(~within(exact, EPS))
    rate = {name: float(np.mean(values)) for name, values in robust.items()}
    assert len(robust["exact"]) > 1000
    assert rate["exact"] <= rate["pgd"] <= rate["exact"] + 0.005
    by_labels = float(np.mean(np.all([robust[name] for name in labels_alone], axis=0)))
    assert rate["exact"] <= by_labels <= rate["exact"] + 0.002
    assert rate["exact"] <= rate["fgsm"]
    # random points find no point that no search finds, and claim none that is impossible
    assert rate["pgd"] < rate["noise"] < 1.0
