"""Print how fast this package's black-box attacks are, compared with those of ART and foolbox.

Needs the extra ``benchmark`` (foolbox)::

    python benchmarks/attacks.py

There are three models for breast-cancer (logistic regression, a net 30-128-128-2, a forest of 100
trees), 100 correctly classified test rows (fewer for peers that take seconds per row), and one
thread. The peers run in turn, for several rounds; ratios are medians over the rounds. Robust
accuracy is the fraction of rows that an attack did not bring to another label within ε; every
point that a peer returns is predicted again.

 * "at equal or lower robust accuracy": our cheapest attack for the norm against ART's
   HopSkipJump with default settings (but 20 iterations instead of 50).
 * "at equal queries": our HopSkipJump against ART's and foolbox's, all with 20 steps and
   100 · sqrt(step) probes each; ART uses fewer, so the ratio per query is printed too.
 * memory and time for 1,000 to 100,000 rows of 30 features.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.attacks.blocks import run_attack
from genlabel_robust.attacks.suite import build_attack
from genlabel_robust.attacks.verification import verify
from genlabel_robust.core.files.writing import json_text, write_text
from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.box_of_task import attack_space

ARCHITECTURES = {
    "linear": "logistic",
    "net 30-128-128-2": "mlp",
    "forest of 100": "sklearn:random-forest",
}
#: ε of each norm, and our cheapest attack for it.
NORMS = {"linf": 0.1, "l2": 0.3}
CHEAPEST = {"linf": "sign-bisect", "l2": "boundary-normal"}
STEPS, PROBES = 20, 100


@dataclass
class Outcome:
    """The result of one attack.

    ``seconds``, ``queries``: per row. ``survived`` (rows,): the rows that were not broken.
    ``median``: the median distance of the broken rows.
    """

    seconds: float
    queries: float
    survived: np.ndarray
    median: float


def targets(rows: int) -> dict[str, AttackTarget]:
    """Return a target of at most ``rows`` correct test rows for each model."""
    plan = make_plan(
        RunConfig(
            datasets=("breast-cancer",),
            strategies=("vanilla",),
            seeds=1,
            architectures=tuple(ARCHITECTURES.values()),
            settings={"architecture": {"sklearn:random-forest": {"n_estimators": 100}}},
        )
    )
    found = {}
    for cell in plan.cells:
        task = plan.tasks[cell.dataset]
        space = attack_space(task, plan.threat)
        model, _ = train_model(cell, task, space)
        x, y = task.x_test, task.y_test
        low, high = task.x_train.min(axis=0), task.x_train.max(axis=0)
        # foolbox has one box for all rows, so only rows inside it can be used for every peer
        usable = (model.predict(x) == y) & ((x >= low) & (x <= high)).all(axis=1)
        chosen = np.flatnonzero(usable)[:rows]
        name = next(n for n, a in ARCHITECTURES.items() if a == cell.architecture)
        found[name] = AttackTarget(model, space, x[chosen], y[chosen], task.x_train)
    return found


def timed(target: AttackTarget, norm: str, run: Callable[[], tuple[np.ndarray, float]]) -> Outcome:
    """Time ``run``, which returns raw adversarial rows (n, d) and queries for a row."""
    started = time.perf_counter()
    raw, queries = run()
    seconds = time.perf_counter() - started
    wrong = (target.model.predict(raw) != target.y) & np.isfinite(raw).all(axis=1)
    far = target.space.distance(target.raw, raw, norm)
    broken = wrong & (far <= NORMS[norm] * (1 + 1e-5))
    return Outcome(
        seconds / len(raw),
        queries,
        ~broken,
        float(np.median(far[wrong])) if wrong.any() else float("nan"),
    )


def ours(target: AttackTarget, norm: str, name: str, **settings: Any) -> Outcome:
    """Run one of this package's attacks, including its verification."""
    attack = build_attack(name, settings)

    def run() -> tuple[np.ndarray, float]:
        fresh = target.subset(np.arange(len(target.x)))
        result = run_attack(attack, fresh, norm, NORMS[norm], 0)
        _, raw = verify(fresh, attack, result, norm, NORMS[norm])
        return np.where(np.isfinite(raw), raw, target.raw), float(result.queries.mean())

    return timed(target, norm, run)


def art(target: AttackTarget, norm: str) -> Outcome:
    """Run ART's HopSkipJump on ART's own classifiers, with the cast to float32 that it needs."""
    from art.attacks.evasion import HopSkipJump
    from art.estimators.classification import BlackBoxClassifierNeuralNetwork

    asked = 0

    def predict(x: np.ndarray) -> np.ndarray:
        nonlocal asked
        asked += len(x)
        labels = target.model.predict(from_scaled(target, x))
        return np.eye(target.n_classes, dtype=np.float32)[labels]

    estimator = BlackBoxClassifierNeuralNetwork(
        predict, (target.raw.shape[1],), target.n_classes, clip_values=(0.0, 1.0)
    )
    attack = HopSkipJump(
        estimator,
        norm=np.inf if norm == "linf" else 2,
        max_iter=STEPS,
        init_eval=PROBES,
        max_eval=10_000,
        verbose=False,
    )

    def run() -> tuple[np.ndarray, float]:
        np.random.seed(0)  # noqa: NPY002  ART takes no other
        moved = attack.generate(to_scaled(target, target.raw))
        return from_scaled(target, moved), asked / len(target.raw)

    return timed(target, norm, run)


def art_torch(target: AttackTarget, norm: str) -> Outcome:
    """Run ART's HopSkipJump on its PyTorchClassifier, ART's fastest option for a net."""
    import torch
    from art.attacks.evasion import HopSkipJump
    from art.estimators.classification import PyTorchClassifier

    estimator = PyTorchClassifier(
        target.model.module,
        loss=torch.nn.CrossEntropyLoss(),
        clip_values=(0.0, 1.0),
        input_shape=(target.raw.shape[1],),
        nb_classes=target.n_classes,
        device_type="cpu",
    )
    plain, asked = estimator.predict, 0

    def predict(x: np.ndarray, **kwargs: Any) -> np.ndarray:
        nonlocal asked
        asked += len(x)
        return plain(x.astype(np.float32), **kwargs)

    estimator.predict = predict
    attack = HopSkipJump(
        estimator,
        norm=np.inf if norm == "linf" else 2,
        max_iter=STEPS,
        init_eval=PROBES,
        max_eval=10_000,
        verbose=False,
    )

    def run() -> tuple[np.ndarray, float]:
        np.random.seed(0)  # noqa: NPY002  ART takes no other
        moved = attack.generate(to_scaled(target, target.raw))
        return from_scaled(target, moved), asked / len(target.raw)

    return timed(target, norm, run)


def foolbox(target: AttackTarget, norm: str) -> Outcome:
    """Run foolbox's HopSkipJump; under L2 one row at a time, as its batches are wrong."""
    import foolbox as fb
    import torch

    model = fb.PyTorchModel(target.model.module, bounds=(0, 1), device="cpu")
    attack = fb.attacks.HopSkipJumpAttack(
        steps=STEPS,
        initial_gradient_eval_steps=PROBES,
        max_gradient_eval_steps=10_000,
        constraint=norm,
    )
    x = torch.from_numpy(to_scaled(target, target.raw))
    y = torch.from_numpy(target.y)
    size = 1 if norm == "l2" else len(x)

    def run() -> tuple[np.ndarray, float]:
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002  foolbox takes no other
        parts = []
        for begin in range(0, len(x), size):
            part = slice(begin, begin + size)
            try:
                _, moved, _ = attack(model, x[part], y[part], epsilons=None)
                parts.append(moved.numpy())
            except ValueError:  # foolbox found no start for some row of the batch
                parts.append(x[part].numpy())
        return from_scaled(target, np.concatenate(parts)), float("nan")

    return timed(target, norm, run)


def to_scaled(target: AttackTarget, raw: np.ndarray) -> np.ndarray:
    """Scale raw rows to the model's float32 features, which are in [0, 1] here."""
    return target.model.scaling.apply(raw)


def from_scaled(target: AttackTarget, x: np.ndarray) -> np.ndarray:
    """Convert scaled features back to raw rows."""
    scaling = target.model.scaling
    return x.astype(np.float64) * scaling.scale + scaling.offset


def compare(rounds: int, rows: int, slow_rows: int) -> list[dict[str, Any]]:
    """Run the peers in turn, and return the medians for every model, norm and peer."""
    records = []
    for model, target in targets(rows).items():
        tree = "forest" in model
        for norm in NORMS:
            cheapest = CHEAPEST[norm]
            runs: dict[str, tuple[Callable[..., Outcome], AttackTarget]] = {
                "ART HopSkipJump": (
                    (art, _first(target, slow_rows)) if tree else (art_torch, target)
                ),
                "our HopSkipJump": (
                    lambda t, n: ours(
                        t,
                        n,
                        "hopskipjump",
                        iterations=STEPS,
                        evaluations=PROBES,
                        max_queries=100_000,
                    ),
                    target,
                ),
                f"our {cheapest}": (lambda t, n, name=cheapest: ours(t, n, name), target),
            }
            if not tree:
                runs["foolbox HopSkipJump"] = (
                    foolbox,
                    _first(target, 10 if norm == "l2" else rows),
                )
            taken: dict[str, list[Outcome]] = {name: [] for name in runs}
            for _ in range(rounds):
                for name, (run, on) in runs.items():
                    taken[name].append(run(on, norm))
            peers = taken["ART HopSkipJump"]
            for name, outcomes in taken.items():
                ratio = np.median(
                    [peer.seconds / o.seconds for peer, o in zip(peers, outcomes, strict=True)]
                )
                last = outcomes[-1]
                both = min(len(last.survived), len(peers[-1].survived))
                records.append(
                    {
                        "model": model,
                        "norm": norm,
                        "attack": name,
                        "rows": len(runs[name][1].x),
                        "ms_a_row": 1000 * float(np.median([o.seconds for o in outcomes])),
                        "queries": _number(last.queries),
                        "median": _number(last.median),
                        "robust": float(last.survived.mean()),
                        # over the rows that both attacked
                        "robust_of_both": float(last.survived[:both].mean()),
                        "art_robust_of_both": float(peers[-1].survived[:both].mean()),
                        "times_art": float(ratio),
                        "times_art_per_query": _number(ratio * last.queries / peers[-1].queries),
                    }
                )
                print_record(records[-1])
    return records


def _first(target: AttackTarget, rows: int) -> AttackTarget:
    return target.subset(np.arange(min(rows, len(target.x))))


def _number(value: float) -> float | None:
    """Return ``value`` for JSON, which has no NaN."""
    return None if np.isnan(value) else float(value)


def print_record(r: dict[str, Any]) -> None:
    """Print one line of the table."""
    queries, median, each = (
        np.nan if r[k] is None else r[k] for k in ("queries", "median", "times_art_per_query")
    )
    print(
        f"{r['model']:<18} {r['norm']:<5} {r['attack']:<22} rows {r['rows']:4d}  "
        f"{r['ms_a_row']:9.3f} ms a row  {r['times_art']:8.1f} × ART ({each:.1f} per query)  "
        f"queries {queries:8.0f}  "
        f"robust at ε {r['robust']:.3f} (same rows {r['robust_of_both']:.3f}, ART "
        f"{r['art_robust_of_both']:.3f})  median {median:.4f}",
        flush=True,
    )


GROWTH = """
import json, resource, sys, time
import numpy as np
from genlabel_robust.core.seeds import generator
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.data.task import Scaling
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.attacks.blocks import run_attack
from genlabel_robust.attacks.suite import build_attack
from genlabel_robust.attacks.verification import verify
from genlabel_robust.models.nets.chain import MLP
from genlabel_robust.models.model import TorchModel
n, norm, name, d = int(sys.argv[1]), sys.argv[2], sys.argv[3], 30
rng = generator(0, "growth")
one = np.ones(d)
model = TorchModel(MLP.module(MLP.initialise(d, 2, rng)), Scaling("range", 0 * one, one), 2)
space = AttackSpace(0 * one, one, 0 * one, one, one > 0)
raw = rng.random((n, d))
with one_thread():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    target = AttackTarget(model, space, raw, model.predict(raw), rng.random((n, d)))
    started = time.perf_counter()
    attack = build_attack(name, {})
    result = run_attack(attack, target, norm, 0.1, 0)
    verify(target, attack, result, norm, 0.1)
    seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"rows": n, "norm": norm, "attack": name, "seconds": seconds,
                  "peak_mb": peak / 1024, "before_mb": before / 1024}))
"""


def growth(sizes: list[int]) -> list[dict[str, Any]]:
    """Run this package's attacks in separate processes, and print time and peak memory."""
    records = []
    for norm, name in (("linf", "sign-bisect"), ("l2", "boundary-normal"), ("linf", "pgd")):
        for n in sizes:
            done = subprocess.run(
                [sys.executable, "-c", GROWTH, str(n), norm, name],
                capture_output=True,
                text=True,
                check=True,
            )
            r = json.loads(done.stdout)
            records.append(r)
            print(
                f"{name:<18} {norm:<5} {n:7d} rows × 30  {1000 * r['seconds'] / n:7.3f} ms a row  "
                f"peak {r['peak_mb']:6.0f} MB (before the attack {r['before_mb']:.0f})",
                flush=True,
            )
    return records


def main() -> None:
    """Compare, measure growth, and write the records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--slow-rows", type=int, default=5, help="rows for ART on the forest")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--out", type=Path, help="a folder for attacks.json")
    options = parser.parse_args()
    logging.getLogger("art").setLevel(logging.ERROR)  # no warning for each row without a start
    with one_thread():
        compared = compare(options.rounds, options.rows, options.slow_rows)
    grown = growth(options.sizes)
    if options.out:
        write_text(options.out / "attacks.json", json_text({"compared": compared, "growth": grown}))


if __name__ == "__main__":
    main()
