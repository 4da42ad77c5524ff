"""Print by how much each attack overestimates the exact robust accuracy of affine models.

Run it on a folder of ``<id>_<name>.csv`` files::

    GENLABEL_ROBUST_OPENML_DIR=FOLDER python benchmarks/affine_gap.py --suite strongest

The models are logistic regressions (vanilla and mixup, several seeds). For each data set, norm and
attack of the suite, and for the whole suite, it prints the robust accuracy at ε = 0.1, the exact
value, the difference in percentage points, and the number of rows for which the attack claims
less than is possible, which must be 0. For attacks that search for the closest point, it also
prints the median and the 90th percentile of the ratio of found to exact distance (pooled over the
rows that can be broken at all; an unbroken row counts as infinite), and the largest number of
queries for a row. Exact values take the box into account.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.runs.assess.attacking import attack_model
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.threat_model import within

EPS = 0.1
SUITE = "the whole suite"


@dataclass
class Found:
    """Counts of rows: all, robust under attack, exactly robust, impossible claims; and ratios."""

    counts: np.ndarray = field(default_factory=lambda: np.zeros(4))
    seconds: float = 0.0
    ratios: list[np.ndarray] = field(default_factory=list)
    queries: list[np.ndarray] = field(default_factory=list)

    def __iadd__(self, other: Found) -> Found:
        self.counts = self.counts + other.counts
        self.seconds += other.seconds
        self.ratios += other.ratios
        self.queries += other.queries
        return self


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--suite", default="standard")
    parser.add_argument("--norm", action="append", choices=("linf", "l2", "l1"))
    parser.add_argument("--attack", action="append", default=[], help="instead of the suite's")
    parser.add_argument("--only", nargs="*", help="OpenML ids; all of the folder by default")
    options = parser.parse_args()
    folder = Path(os.environ["GENLABEL_ROBUST_OPENML_DIR"])
    ids = options.only or sorted(
        (f.name.split("_")[0] for f in folder.glob("[0-9]*_*.csv")), key=int
    )
    for norm in options.norm or ("linf", "l2"):
        totals: dict[str, Found] = {}
        print(f"\n{norm}, ε = {EPS} of each feature's range, suite {options.suite}")
        for number in ids:
            config = RunConfig(
                datasets=(f"openml:{number}",),
                strategies=("vanilla", "mixup"),
                architectures=("logistic",),
                eps=(EPS,),
                norm=norm,
                suite=options.suite,
                attacks=tuple(options.attack),
                seeds=options.seeds,
            )
            for name, found in measure(config).items():
                totals[name] = totals.get(name, Found())
                totals[name] += found
                print_row(f"openml:{number}", name, found)
        for name, found in totals.items():
            print_row("pooled", name, found)


def measure(config: RunConfig) -> dict[str, Found]:
    """Return attack -> its results under the configuration, and those of all together."""
    plan = make_plan(config)
    (task,) = plan.tasks.values()
    space = attack_space(task, plan.threat)
    table: dict[str, Found] = {}
    for cell in plan.cells:
        with one_thread():
            model, _ = train_model(cell, task, space)
            exact = exact_margins(model, space, task.x_test, task.y_test, plan.threat.norm)
            clean = model.predict(task.x_test) == task.y_test
            really = clean & ~within(exact, EPS)
            nearest = np.full(len(clean), np.inf)
            for attack in plan.attacks:
                started = time.perf_counter()
                attacked = attack_model(
                    model,
                    space,
                    task.x_test,
                    task.y_test,
                    task.x_train,
                    plan.threat,
                    (attack,),
                    cell.seed,
                    when=plan.when,
                )
                if attacked.not_chosen:
                    continue
                (distances,), (queries,) = attacked.distances, attacked.queries
                nearest = np.minimum(nearest, distances)
                found = table.setdefault(attack.name, Found())
                found.counts += counts(clean, distances, really)
                found.seconds += time.perf_counter() - started
                if attack.kind == "minimum":
                    # at 0 the example already ties, so the ratio would be infinite
                    reachable = clean & np.isfinite(exact) & (exact > 1e-6)
                    found.ratios.append(distances[reachable] / exact[reachable])
                    found.queries.append(queries[clean])
            table.setdefault(SUITE, Found()).counts += counts(clean, nearest, really)
    return table


def counts(clean: np.ndarray, distances: np.ndarray, really: np.ndarray) -> np.ndarray:
    """Return the numbers of all rows, robust ones (attacked, exact), and impossible claims."""
    robust = clean & ~within(distances, EPS)
    return np.array([len(clean), robust.sum(), really.sum(), (really & ~robust).sum()], float)


def print_row(dataset: str, attack: str, found: Found) -> None:
    """Print one line of the table."""
    rows, robust, exact, impossible = found.counts
    line = (
        f"{dataset:<12} {attack:<16} rows {rows:6.0f}  attacked {100 * robust / rows:6.2f} %  "
        f"exact {100 * exact / rows:6.2f} %  gap {100 * (robust - exact) / rows:+6.2f} points  "
        f"impossible {impossible:.0f}"
    )
    if found.seconds:
        line += f"  {1000 * found.seconds / rows:7.2f} ms a row"
    if found.ratios:
        ratios, queries = np.concatenate(found.ratios), np.concatenate(found.queries)
        median, high = np.quantile(ratios, [0.5, 0.9], method="inverted_cdf")
        line += f"  × exact: median {median:.4f}, 90 % {high:.4f}; queries at most {queries.max()}"
    print(line, flush=True)


if __name__ == "__main__":
    main()
