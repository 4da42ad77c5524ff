"""Print how fast training and proofs are on a device, compared with one CPU thread.

    python benchmarks/device.py [--device cuda]

The data are breast-cancer, scaled to [0, 1]. It trains the search of ``genlabel-cv`` for one seed
and for five, and eight nets with two hidden layers of 1024. Each is trained once on the CPU and
twice on the device, as the first time includes loading libraries there. Accuracies are on the
training rows; they may differ in single rows, as the device rounds differently. Then one net with
three hidden layers of 1024, trained on the CPU, is certified for sixteen rows in both places.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time

import numpy as np
from sklearn.datasets import load_breast_cancer

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.core.machine.devices import chosen_device, device_name, refuse_unusable
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.models.nets.chain import MLP, Chain
from genlabel_robust.runs.audit import audit
from genlabel_robust.trainers.torch_trainer import Request, accuracy, train_all

CASES: tuple[tuple[str, Architecture, list[Request]], ...] = (
    ("genlabel-cv, mlp, 1 seed", MLP, [Request("genlabel-cv")]),
    ("genlabel-cv, mlp, 5 seeds", MLP, [Request("genlabel-cv", seed=s) for s in range(5)]),
    (
        "vanilla, 1024-1024, 8 seeds",
        Chain("wide", (1024, 1024), relu=True, learning_rate=0.001),
        [Request("vanilla", seed=s) for s in range(8)],
    ),
)

#: For the proofs: the number of test rows, and ε as a fraction of each feature's range.
ROWS, EPS = 16, 0.05


def main() -> None:
    """Print one line for each training, and for each certified net."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto")
    device = chosen_device(parser.parse_args().device)
    refuse_unusable(device)
    x, y = load_breast_cancer(return_X_y=True)
    x = ((x - x.min(axis=0)) / np.ptp(x, axis=0)).astype(np.float32)
    for name, architecture, requests in CASES:
        base = 0.0
        for where in ("cpu", device, device):
            start = time.perf_counter()
            trained = train_all(x, y, 2, architecture, requests, device=where)
            seconds = time.perf_counter() - start
            base = base or seconds
            rates = [accuracy(one.module, x, y) for one in trained]
            print(
                f"{name:30} {device_name(where):30} {seconds:7.2f} s  {base / seconds:6.1f} times  "
                f"accuracy {np.mean(rates):.4f}",
                flush=True,
            )
    proofs(x, y, device)


def proofs(x: FloatArray, y: IntArray, device: str) -> None:
    """Certify rows of a wide net, and print the time and the results."""
    architecture = Chain("wide", (1024,) * 3, relu=True, learning_rate=0.001)
    (trained,) = train_all(x, y, 2, architecture, [Request("vanilla")])
    base = 0.0
    for where in ("cpu", device, device):
        with tempfile.TemporaryDirectory() as folder:
            run = audit(
                trained.module,
                x[:ROWS],
                y[:ROWS],
                reference=x,
                eps=EPS,
                suite="quick",
                checks="off",
                device=where,
                jobs=1,
                out=f"{folder}/run",
            )
            (path,) = (run.path / "cells").glob("*.json")
            seconds = json.loads(path.read_text(encoding="utf-8"))["seconds"]["certify"]
        base = base or seconds
        (row,) = run.results.rows
        print(
            f"{'proofs, 1024-1024-1024':30} {device_name(where):30} {seconds:7.2f} s  "
            f"{base / seconds:6.1f} times  {row.certification.outcomes}",
            flush=True,
        )


if __name__ == "__main__":
    main()
