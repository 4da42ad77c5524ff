"""Print the time and memory of an audit of a linear model, by the number of rows.

Run it with the numbers of rows to try; the default takes a quarter of an hour::

    python benchmarks/rows.py --rows 10000 30000 100000 300000 1000000

One run of a million rows with two processes, from Parquet and then from CSV::

    python benchmarks/rows.py --rows 1000000 --jobs 2 --csv --keep million

The model is a logistic regression of 20 columns, audited with ``--suite quick`` at one ε in L∞.
Each number of rows is a separate audit. Printed are the CPU time of all processes together, and
the most memory that they had at once: "own" counts pages shared by several processes once,
"resident" counts them in each process. On systems without ``/proc``, it is the memory of the
largest process. ``--jobs``: as in ``audit``. ``--csv``: a second audit of the same rows as CSV.
``--verify``, ``--report``: the same figures for these commands on the run. ``--keep``: the folder
in which to keep data, model and runs. The last line has the exponent p of ``seconds ~ rows^p``,
without the CPU time of the smallest number: p = 1 is linear.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import skops.io
from sklearn.linear_model import LogisticRegression

COLUMNS, EPS, FITTED = 20, 0.1, 20_000
#: Seconds between two measurements of the memory.
_WAIT = 0.2


@dataclass(frozen=True)
class Taken:
    """The cost of a command on ``rows``: CPU seconds, elapsed seconds, and bytes of memory."""

    rows: int
    processor: float
    clock: float
    own: int
    resident: int


def write_inputs(folder: Path, rows: int) -> None:
    """Write the model and the largest table, whose first rows make the smaller ones."""
    rng = np.random.default_rng(0)
    weight = rng.normal(size=COLUMNS)
    x = rng.normal(size=(max(rows, FITTED), COLUMNS)).round(6)
    y = (x @ weight + 1.5 * rng.normal(size=len(x)) > 0).astype(int)
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(COLUMNS)])
    model = LogisticRegression().fit(frame[:FITTED], y[:FITTED])
    skops.io.dump(model, folder / "model.skops")
    frame.assign(label=y)[:rows].to_parquet(folder / "all.parquet")


def write_rows(folder: Path, rows: int, kind: str) -> Path:
    """Write the first ``rows`` of the table to a new file."""
    data = folder / f"{rows}.{kind}"
    frame = pd.read_parquet(folder / "all.parquet")[:rows]
    if kind == "csv":
        frame.to_csv(data, index=False)
    else:
        frame.to_parquet(data)
    return data


def audit_of(folder: Path, data: Path, jobs: int | None) -> list[str]:
    """Return the arguments of an audit of the model on ``data``."""
    arguments = ["audit", str(folder / "model.skops"), "--data", str(data), "--target", "label"]
    arguments += ["--eps", str(EPS), "--suite", "quick", "--out", str(run_of(data)), "--quiet"]
    return arguments + ([] if jobs is None else ["--jobs", str(jobs)])


def run_of(data: Path) -> Path:
    """Return the folder of the run on ``data``."""
    return data.with_name(f"run-{data.stem}-{data.suffix[1:]}")


def taken_by(arguments: list[str], rows: int) -> Taken:
    """Run a command in a separate process, and return the cost with all its processes."""
    command = [sys.executable, "-m", "genlabel_robust", *arguments]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with _watched(process.pid) as most:
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
    clock = time.perf_counter() - started
    largest = used.ru_maxrss * 1024
    processor = max(used.ru_utime + used.ru_stime, most["processor"])
    own, resident = most["own"] or largest, max(most["resident"], largest)
    return Taken(rows, processor, clock, int(own), int(resident))


@contextmanager
def _watched(process: int) -> Iterator[dict[str, float]]:
    """Yield the peak memory and the CPU time of a process and all its descendants."""
    most = {"own": 0.0, "resident": 0.0, "processor": 0.0}
    spent: dict[int, float] = {}
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_WAIT):
            own = resident = 0.0
            for one in _family(process):
                with suppress(OSError, ValueError, IndexError):
                    pss, rss = _memory(one)
                    own, resident = own + pss, resident + rss
                    spent[one] = _seconds(one)
            most["own"], most["resident"] = max(most["own"], own), max(most["resident"], resident)
            most["processor"] = sum(spent.values())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def _family(process: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [process]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(child) for child in children.read_text().split()]
    return found


def _memory(process: int) -> tuple[float, float]:
    """Return the bytes of a process: with shared pages divided among their users, and in full."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    sizes = {line.split()[0]: 1024.0 * float(line.split()[1]) for line in lines[1:]}
    return sizes["Pss:"], sizes["Rss:"]


def _seconds(process: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def exponent(taken: list[Taken]) -> float:
    """Return the slope of log seconds over log rows, without the cost of starting up."""
    first, rest = taken[0], taken[1:]
    rows = np.array([one.rows - first.rows for one in rest], dtype=float)
    seconds = np.array([one.processor - first.processor for one in rest])
    return float(np.polyfit(np.log(rows), np.log(seconds), 1)[0])


def show(what: str, one: Taken) -> None:
    """Print one line of the table."""
    print(
        f"{what:<16} {one.rows:>10,} {one.processor:>12.1f} {1000 * one.processor / one.rows:>9.2f}"
        f" {one.clock:>9.1f} {one.own / 1e6:>9.0f} {one.resident / 1e6:>12.0f}",
        flush=True,
    )


def measure(folder: Path, asked: argparse.Namespace) -> None:
    """Print a line for each number of rows, and for the other commands requested."""
    write_inputs(folder, max(asked.rows))
    print(
        f"{'':<16} {'rows':>10} {'processor s':>12} {'ms a row':>9} {'clock s':>9} {'own MB':>9} "
        f"{'resident MB':>12}"
    )
    taken: list[Taken] = []
    for rows in sorted(asked.rows):
        data = write_rows(folder, rows, "parquet")
        taken.append(taken_by(audit_of(folder, data, asked.jobs), rows))
        show("audit", taken[-1])
        if asked.csv:
            as_csv = write_rows(folder, rows, "csv")
            show("audit of CSV", taken_by(audit_of(folder, as_csv, asked.jobs), rows))
        for name in ("report", "verify"):
            if getattr(asked, name):
                show(name, taken_by([name, str(run_of(data))], rows))
    if len(taken) > 2:
        print(f"processor time grows as rows^{exponent(taken):.2f}")


def main() -> None:
    """Measure in the folder of ``--keep``, or in a temporary one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--keep", type=Path)
    for name in ("csv", "report", "verify"):
        parser.add_argument(f"--{name}", action="store_true")
    asked = parser.parse_args()
    if asked.keep is not None:
        asked.keep.mkdir(parents=True)
        measure(asked.keep, asked)
        return
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name), asked)


if __name__ == "__main__":
    main()
