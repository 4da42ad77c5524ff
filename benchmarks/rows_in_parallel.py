"""Print how much faster an audit is in two processes than in one, by elapsed time.

Run it on an otherwise idle machine::

    python benchmarks/rows_in_parallel.py

There are three models, each in a file: a two-layer net and a forest of scikit-learn, and the net as
ONNX. The command audits each with ``--jobs 1`` and ``--jobs 2``, in turn, on enough rows to take
one process more than a minute, or on ``--rows``. Printed are elapsed time and the CPU time of all
processes, the ratio of the elapsed times, and whether ``results.json`` and the arrays have the same
bytes. The times include starting the command, reading the files and writing the report.
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
#: Model -> number of rows for which one process takes more than a minute on a current core.
ROWS = {"net.skops": 2400, "forest.skops": 3000, "net.onnx": 8000}


@dataclass(frozen=True)
class Timing:
    """Elapsed and CPU seconds, and the bytes of the results and arrays."""

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
    """Audit ``model`` with the command in ``jobs`` processes."""
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
    """Audit each model in one process and in two, and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, help="rows to test on, for each model")
    parser.add_argument("--model", action="append", choices=list(ROWS), help="one of them alone")
    chosen = parser.parse_args()
    # workers have one thread each, so the single process gets one too
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
