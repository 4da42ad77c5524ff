"""Print which adversarial examples each attack misses, and at what cost, on nets for tables.

Needs the extra ``benchmark`` (foolbox), and torchattacks (``pip install --no-deps
torchattacks requests tqdm``; without it, the script says so and leaves out that column)::

    GENLABEL_ROBUST_OPENML_DIR=FOLDER python benchmarks/attack_misses.py --out docs/results

The models are ``mlp``, trained plainly and with mixup, on breast-cancer, wine and four OpenML
sets, with ε = 0.03 and 0.1 of each feature's range. For each attack it prints how many correctly
classified test rows the attack breaks, how many it misses of those that any attack breaks, and
its time and queries per row. A row counts as broken only if its point was predicted again, and
lies inside the ball and the box. Writes ``attack-misses.json``, from which ``docs/attacks.md`` is
generated.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genlabel_robust.attacks.art.pgd import PGD
from genlabel_robust.attacks.attack import AttackResult, Outcome
from genlabel_robust.attacks.blocks import run_attack
from genlabel_robust.attacks.suite import build_attack, find_suite
from genlabel_robust.attacks.verification import verify
from genlabel_robust.core.files.writing import json_text, write_text
from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.threat_model import within

SETS = ("breast-cancer", "wine", "openml:1498", "openml:792", "openml:855", "openml:913")
BUDGETS = (0.03, 0.1)
#: Stands for any attack in ``verify``, which needs only an attack that returns points.
CLAIM = PGD(steps=1, restarts=1)

Points = np.ndarray
#: Target, norm and ε -> points (n, m), perturbations.
Run = Callable[[AttackTarget, str, float], tuple[Points, float]]


def ours(name: str, **settings: Any) -> Run:
    """Return a registered attack with the given settings."""
    attack = build_attack(name, settings)

    def run(target: AttackTarget, norm: str, eps: float) -> tuple[Points, float]:
        result = run_attack(attack, target, norm, eps, 0)
        found, raw = verify(target, attack, result, norm, eps)
        points = target.x.copy()
        broken = np.isfinite(found)
        points[broken] = target.enter(raw[broken], np.flatnonzero(broken))
        return points, float(result.queries.mean())

    return run


def suite(name: str, norm: str) -> Run:
    """Return a whole suite, in which each attack gets the rows still open, as with early stop."""
    listed = find_suite(name)
    # nets on continuous features have no case for which a suite reserves an attack
    attacks = [
        ours(attack, **settings)
        for attack, settings in listed.listed(norm).items()
        if attack not in listed.when
    ]

    def run(target: AttackTarget, norm: str, eps: float) -> tuple[Points, float]:
        points, queries = target.x.copy(), 0.0
        for attack in attacks:
            open_ = np.flatnonzero(~broken_by(target, points, norm, eps))
            if len(open_):
                points[open_], asked = attack(target.subset(open_), norm, eps)
                queries += asked * len(open_) / len(points)
        return points, queries

    return run


def foolbox_attack(make: Callable[[Any], Any]) -> Run:
    """Return an attack of foolbox, for the rows in the box [0, 1], which is all it supports."""

    def run(target: AttackTarget, norm: str, eps: float) -> tuple[Points, float]:
        import foolbox as fb

        inside, x, y = unit_box(target)
        model = fb.PyTorchModel(target.model.module, bounds=(0, 1), device="cpu")
        torch.manual_seed(0)
        attack = make(fb)
        budget = None if "FMN" in type(attack).__name__ else eps
        _, moved, _ = attack(model, x, y, epsilons=budget)
        points = target.x.copy()
        points[inside] = (moved.detach().numpy() - x.numpy()).astype(np.float64)
        return points, float("nan")

    return run


def torchattacks_pgd(target: AttackTarget, norm: str, eps: float) -> tuple[Points, float]:
    """Run PGD of torchattacks, for the rows in the box [0, 1], which is all it supports."""
    import torchattacks

    inside, x, y = unit_box(target)
    torch.manual_seed(0)
    # its L2 attack takes images only, so rows become images of one pixel and d channels
    model = torch.nn.Sequential(torch.nn.Flatten(), target.model.module)
    make = torchattacks.PGD if norm == "linf" else torchattacks.PGDL2
    attack = make(model, eps=eps, alpha=eps / 10, steps=100)
    moved = attack(x[..., None, None], y).flatten(1)
    points = target.x.copy()
    points[inside] = (moved.detach().numpy() - x.numpy()).astype(np.float64)
    return points, float("nan")


def unit_box(target: AttackTarget) -> tuple[np.ndarray, torch.Tensor, torch.Tensor]:
    """Return the rows whose features lie in [0, 1], their features and labels."""
    scaled = target.model.scaling.apply(target.raw)
    inside = np.flatnonzero(((scaled >= 0) & (scaled <= 1)).all(axis=1))
    return inside, torch.from_numpy(scaled[inside]), torch.from_numpy(target.y[inside])


def broken_by(target: AttackTarget, points: Points, norm: str, eps: float) -> np.ndarray:
    """Mark the examples that ``points`` (n, m) break within ``eps``, predicted again."""
    claimed = np.full(len(points), int(Outcome.BROKEN))
    result = AttackResult(points, claimed, np.zeros_like(claimed))
    found, _ = verify(target, CLAIM, result, norm, eps)
    return within(found, eps)


def attacks(norm: str) -> dict[str, Run]:
    """Return name in the table -> attack, for all attacks that are compared."""
    table: dict[str, Run] = {
        "suite strongest": suite("strongest", norm),
        "suite standard": suite("standard", norm),
        "FGSM": ours("fgsm"),
        "PGD, 20 restarts × 25 steps": ours("pgd"),
        "multi-targeted PGD, 20 restarts × 200 steps": ours(
            "pgd", restarts=20, steps=200, targets=9
        ),
        "APGD": ours("apgd"),
        "FAB": ours("fab"),
        "HopSkipJump": ours("hopskipjump"),
    }
    if norm == "linf":
        table["sign-bisect"] = ours("sign-bisect")
        table["sign-bisect, 10 starts"] = ours("sign-bisect", starts=10)
        table["foolbox PGD, 100 steps"] = foolbox_attack(lambda fb: fb.attacks.LinfPGD(steps=100))
        table["foolbox FMN, 1,000 steps"] = foolbox_attack(
            lambda fb: fb.attacks.LInfFMNAttack(steps=1000)
        )
    else:
        table["boundary-normal"] = ours("boundary-normal")
        table["foolbox PGD, 100 steps"] = foolbox_attack(lambda fb: fb.attacks.L2PGD(steps=100))
        table["foolbox FMN, 1,000 steps"] = foolbox_attack(
            lambda fb: fb.attacks.L2FMNAttack(steps=1000)
        )
    try:
        import torchattacks  # noqa: F401

        table["torchattacks PGD, 100 steps"] = torchattacks_pgd
    except ImportError:
        print("torchattacks is not installed: left out")
    return table


def measure(norm: str, seeds: int) -> list[dict[str, Any]]:
    """Return one record per set, strategy, seed, ε and attack."""
    plan = make_plan(
        RunConfig(
            datasets=SETS,
            strategies=("vanilla", "mixup"),
            architectures=("mlp",),
            eps=BUDGETS,
            norm=norm,
            seeds=seeds,
        )
    )
    records = []
    for cell in plan.cells:
        task = plan.tasks[cell.dataset]
        space = attack_space(task, plan.threat)
        model, _ = train_model(cell, task, space)
        correct = np.flatnonzero(model.predict(task.x_test) == task.y_test)
        for eps in BUDGETS:
            broken, cost = {}, {}
            for name, run in attacks(norm).items():
                target = AttackTarget(
                    model, space, task.x_test[correct], task.y_test[correct], task.x_train
                )
                started = time.perf_counter()
                points, queries = run(target, norm, eps)
                cost[name] = (time.perf_counter() - started, queries)
                broken[name] = broken_by(target, points, norm, eps)
            union = np.any(list(broken.values()), axis=0)
            for name, found in broken.items():
                seconds, queries = cost[name]
                records.append(
                    {
                        "dataset": cell.dataset,
                        "strategy": cell.strategy,
                        "seed": cell.seed,
                        "norm": norm,
                        "eps": eps,
                        "attack": name,
                        "rows": len(task.y_test),
                        "correct": len(correct),
                        "broken": int(found.sum()),
                        "union": int(union.sum()),
                        "missed": int((union & ~found).sum()),
                        "seconds": round(seconds, 4),
                        "queries": None if np.isnan(queries) else round(queries, 1),
                    }
                )
        print(f"{cell.label}: done", flush=True)
    return records


def print_table(records: list[dict[str, Any]]) -> None:
    """Print the pooled misses and costs of every attack."""
    for norm, eps in sorted({(r["norm"], r["eps"]) for r in records}):
        chosen = [r for r in records if (r["norm"], r["eps"]) == (norm, eps)]
        names = dict.fromkeys(r["attack"] for r in chosen)
        for name in names:
            mine = [r for r in chosen if r["attack"] == name]
            correct, broken, union, missed = (
                sum(r[k] for r in mine) for k in ("correct", "broken", "union", "missed")
            )
            seconds = sum(r["seconds"] for r in mine)
            print(
                f"{norm} ε {eps:<5} {name:<45} rows {correct:5d}  broken {broken:5d}  "
                f"missed {missed:4d} of {union} ({100 * missed / max(union, 1):5.2f} %)  "
                f"{1000 * seconds / correct:8.2f} ms a row"
            )


def main() -> None:
    """Measure, print, and write the records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--norm", action="append", choices=("linf", "l2"))
    parser.add_argument("--out", type=Path, help="a folder for attack-misses.json")
    options = parser.parse_args()
    if "GENLABEL_ROBUST_OPENML_DIR" not in os.environ:
        parser.error("GENLABEL_ROBUST_OPENML_DIR must name the folder of OpenML files")
    with one_thread():
        records = [
            r for norm in options.norm or ("linf", "l2") for r in measure(norm, options.seeds)
        ]
    print_table(records)
    if options.out:
        write_text(options.out / "attack-misses.json", json_text({"records": records}))


if __name__ == "__main__":
    main()
