"""Print how much faster one audit is in two processes than in one, by the command's wall time.

Run it on a machine that does nothing else::

    python benchmarks/rows_in_parallel.py

Three models, each in a file: a net of two layers and a forest of scikit-learn, and the net as
ONNX. Each is audited by the command with ``--jobs 1`` and ``--jobs 2``, in turn, on as many rows
as one process needs more than a minute for; ``--rows`` says how many instead. Printed are wall
time and the processor time of all processes, the ratio of the wall times, and whether
``results.json`` and the arrays are the same bytes. What a command takes to start, to read, and to
write its report is among its time.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import skops.io
from skl2onnx import to_onnx
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FEATURES, TRAINED, MOST = 12, 2000, 20_000
#: Rows for which one process needs more than a minute on one core of a machine of today.
ROWS = {"net.skops": 2400, "forest.skops": 3000, "net.onnx": 8000}


@dataclass(frozen=True)
class Timing:
    """Seconds of the clock and of processors, and the bytes of what came out."""

    wall: float
    processor: float
    results: bytes
    arrays: bytes


def write_models(folder: Path) -> pd.DataFrame:
    """Write the three models and the training rows to ``folder``; return the rows to test on."""
    x, y = make_classification(
        TRAINED + MOST,
        FEATURES,
        n_informative=8,
        n_classes=3,
        class_sep=1.2,
        random_state=0,
    )
    x = np.round((x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0)), 4)
    table = pd.DataFrame(x, columns=[f"f{i}" for i in range(FEATURES)])
    labels = np.array([f"c{label}" for label in y])
    train, own = table[:TRAINED], labels[:TRAINED]
    net = make_pipeline(
        StandardScaler(), MLPClassifier((24, 24), max_iter=100, solver="lbfgs", random_state=0)
    ).fit(train, own)
    forest = RandomForestClassifier(30, max_depth=8, random_state=0).fit(train, own)
    skops.io.dump(net, folder / "net.skops")
    skops.io.dump(forest, folder / "forest.skops")
    graph = to_onnx(net, train.to_numpy(np.float32)[:1], options={"zipmap": False})
    (folder / "net.onnx").write_bytes(graph.SerializeToString())
    train.assign(label=own).to_csv(folder / "train.csv", index=False)
    return table[TRAINED:].assign(label=labels[TRAINED:])


def timed(folder: Path, model: str, jobs: int) -> Timing:
    """Audit ``model`` by the command in ``jobs`` processes."""
    out = folder / f"{model}-{jobs}"
    command = [sys.executable, "-m", "genlabel_robust", "audit", str(folder / model), "--quiet"]
    command += ["--data", str(folder / "test.csv"), "--target", "label", "--eps", "0.05"]
    command += ["--reference", str(folder / "train.csv")]
    command += ["--jobs", str(jobs), "--out", str(out)]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    (arrays,) = (out / "cells").glob("*.npz")
    return Timing(
        wall,
        after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime,
        (out / "results.json").read_bytes(),
        arrays.read_bytes(),
    )


def main() -> None:
    """Audit each model in one process and in two, and print how they compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, help="rows to test on, for each model")
    parser.add_argument("--model", action="append", choices=list(ROWS), help="one of them alone")
    chosen = parser.parse_args()
    # a worker has one thread, and so has the one process
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    os.environ.pop("LOKY_MAX_CPU_COUNT", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        test = write_models(folder)
        for model in chosen.model or ROWS:
            rows = chosen.rows or ROWS[model]
            test[:rows].to_csv(folder / "test.csv", index=False)
            one, two = (timed(folder, model, jobs) for jobs in (1, 2))
            same = (one.results, one.arrays) == (two.results, two.arrays)
            print(
                f"{model}, {rows} rows: one process {one.wall:.1f} s (processor "
                f"{one.processor:.1f} s), two {two.wall:.1f} s ({two.processor:.1f} s): "
                f"{one.wall / two.wall:.2f} times as fast; "
                f"{'the same bytes' if same else 'OTHER BYTES'}",
                flush=True,
            )


if __name__ == "__main__":
    main()
