"""Print by how much each attack overestimates the exact robust accuracy of affine models.

Run it on a folder of ``<id>_<name>.csv`` files::

    GENLABEL_ROBUST_OPENML_DIR=FOLDER python benchmarks/affine_gap.py

For every set, norm and attack of the suite ``standard``: robust accuracy at ε = 0.1 of
logistic regressions (vanilla, mixup; several seeds), the exact value beside it, the
difference in percentage points, and the number of rows on which the attack claims less
than is possible, which must be 0.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np

from genlabel_robust.core.threads import one_thread
from genlabel_robust.core.threat import within
from genlabel_robust.data import attack_space
from genlabel_robust.evaluation.config import RunConfig
from genlabel_robust.evaluation.exact import exact_margins
from genlabel_robust.evaluation.execute import attack_model
from genlabel_robust.evaluation.plan import make_plan
from genlabel_robust.evaluation.training import train_model

EPS = 0.1


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--suite", default="standard")
    parser.add_argument("--only", nargs="*", help="OpenML ids; all of the folder by default")
    options = parser.parse_args()
    folder = Path(os.environ["GENLABEL_ROBUST_OPENML_DIR"])
    ids = options.only or sorted(
        (f.name.split("_")[0] for f in folder.glob("[0-9]*_*.csv")), key=int
    )
    for norm in ("linf", "l2"):
        totals: dict[str, np.ndarray] = {}
        print(f"\n{norm}, ε = {EPS} of each feature's range, suite {options.suite}")
        for number in ids:
            config = RunConfig(
                datasets=(f"openml:{number}",), strategies=("vanilla", "mixup"),
                architectures=("logistic",), eps=(EPS,), norm=norm, suite=options.suite,
                seeds=options.seeds,
            )  # fmt: skip
            for name, counts in measure(config).items():
                totals[name] = totals.get(name, np.zeros(5)) + counts
                print_row(f"openml:{number}", name, counts)
        for name, counts in totals.items():
            print_row("pooled", name, counts)


def measure(config: RunConfig) -> dict[str, np.ndarray]:
    """Return per attack: rows, attacked robust, exactly robust, impossible claims, seconds."""
    plan = make_plan(config)
    (task,) = plan.tasks.values()
    space = attack_space(task, plan.threat.unit)
    found: dict[str, np.ndarray] = {}
    for cell in plan.cells:
        with one_thread():
            model, _ = train_model(cell, task, space)
            exact = exact_margins(model, space, task.x_test, task.y_test, plan.threat.norm)
            for attack in plan.attacks:
                started = time.perf_counter()
                attacked = attack_model(
                    model, space, task.x_test, task.y_test, task.x_train,
                    plan.threat, (attack,), cell.seed,
                )  # fmt: skip
                seconds = time.perf_counter() - started
                clean = model.predict(task.x_test) == task.y_test
                robust = clean & ~within(attacked.distances[0], EPS)
                really = clean & ~within(exact, EPS)
                counts = [len(clean), robust.sum(), really.sum(), (really & ~robust).sum(), seconds]
                found[attack.name] = found.get(attack.name, np.zeros(5)) + counts
    return found


def print_row(dataset: str, attack: str, counts: np.ndarray) -> None:
    """Print one line of the table."""
    rows, robust, exact, impossible, seconds = counts
    print(
        f"{dataset:<12} {attack:<12} rows {rows:6.0f}  attacked {100 * robust / rows:6.2f} %  "
        f"exact {100 * exact / rows:6.2f} %  gap {100 * (robust - exact) / rows:+6.2f} points  "
        f"impossible {impossible:.0f}  {1000 * seconds / rows:7.2f} ms a row"
    )


if __name__ == "__main__":
    main()
