"""Print what an audit of a linear model takes, by the number of rows.

Run it with the numbers of rows to try, the default of which takes a quarter of an hour::

    python benchmarks/rows.py --rows 10000 30000 100000 300000 1000000

A logistic regression of 20 columns under ``--suite quick`` at one ε, in L∞, each number of rows in
a process of its own: its processor time and the most memory that it held at once. ``--jobs``: as
of ``audit``, where the memory is that of the largest process. The last line has the exponent p of
``seconds ~ rows^p``, of the processor time beyond that of the smallest number: 1 is linear.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import skops.io
from sklearn.linear_model import LogisticRegression

COLUMNS, EPS, FITTED = 20, 0.1, 20_000


@dataclass(frozen=True)
class Taken:
    """What the audit of ``rows`` took: seconds of processors and of the clock, bytes of memory."""

    rows: int
    processor: float
    clock: float
    memory: int


def write_inputs(folder: Path, rows: int) -> None:
    """Write the model, and the largest table, of which smaller ones are the first rows."""
    rng = np.random.default_rng(0)
    weight = rng.normal(size=COLUMNS)
    x = rng.normal(size=(max(rows, FITTED), COLUMNS)).round(6)
    y = (x @ weight + 1.5 * rng.normal(size=len(x)) > 0).astype(int)
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(COLUMNS)])
    model = LogisticRegression().fit(frame[:FITTED], y[:FITTED])
    skops.io.dump(model, folder / "model.skops")
    frame.assign(label=y)[:rows].to_parquet(folder / "all.parquet")


def audited(folder: Path, rows: int, jobs: int | None) -> Taken:
    """Audit the first ``rows`` of the table in a process of its own."""
    data = folder / f"{rows}.parquet"
    pd.read_parquet(folder / "all.parquet")[:rows].to_parquet(data)
    command = [sys.executable, "-m", "genlabel_robust", "audit", str(folder / "model.skops")]
    command += ["--data", str(data), "--target", "label", "--eps", str(EPS), "--suite", "quick"]
    command += ["--out", str(folder / f"run-{rows}"), "--quiet"]
    command += [] if jobs is None else ["--jobs", str(jobs)]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the audit of {rows:,} rows ended with {process.returncode}")
    clock = time.perf_counter() - started
    return Taken(rows, used.ru_utime + used.ru_stime, clock, used.ru_maxrss * 1024)


def exponent(taken: list[Taken]) -> float:
    """Return the slope of log seconds over log rows, starting up taken off."""
    first, rest = taken[0], taken[1:]
    rows = np.array([one.rows - first.rows for one in rest], dtype=float)
    seconds = np.array([one.processor - first.processor for one in rest])
    return float(np.polyfit(np.log(rows), np.log(seconds), 1)[0])


def main() -> None:
    """Print a line for each number of rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--jobs", type=int)
    asked = parser.parse_args()
    taken: list[Taken] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inputs(folder, max(asked.rows))
        print(f"{'rows':>10} {'processor s':>12} {'ms a row':>9} {'clock s':>9} {'memory MB':>10}")
        for rows in sorted(asked.rows):
            one = audited(folder, rows, asked.jobs)
            taken.append(one)
            each = 1000 * one.processor / rows
            print(
                f"{rows:>10,} {one.processor:>12.1f} {each:>9.2f} {one.clock:>9.1f} "
                f"{one.memory / 1e6:>10.0f}",
                flush=True,
            )
    if len(taken) > 2:
        print(f"processor time grows as rows^{exponent(taken):.2f}")


if __name__ == "__main__":
    main()
