"""Measure how much each suite overestimates the robustness of trees that it can only query.

Needs XGBoost and LightGBM, a folder of ``<id>_<name>.csv`` files, and a table of values computed
by other methods, with the columns set, model, eps, rows, clean, standard, exact, undecided::

    GENLABEL_ROBUST_OPENML_DIR=FOLDER python benchmarks/trees_gap.py trees_exact.csv --out FILE

For each line of the table, the model is fitted again. Its trees are certified, which gives the
exact robust accuracy. Each suite then gets the model as a function from rows to probabilities, so
it does not see the trees (a forest is queried through flat arrays, which give the same bits in a
tenth of the time). The gap is the suite's robust accuracy minus the exact one, in percentage
points. The seconds are CPU time of the whole audit including checks; compare them between suites,
which run one after another in one process. If clean accuracy and robust accuracy under standard-1
equal the table's, the models are the same, so the exact values must be equal too in lines without
undecided rows. ``--mixed FOLDER`` adds a pipeline on a table of integers and text: ``train.csv``,
``test.csv`` with the label in ``income``, and ``model.skops``.

Lines that FILE already has are not measured again. ``--merge FILE ...`` adds the records of other
files.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.model_selection import train_test_split

from genlabel_robust.core.files.writing import json_text, write_text
from genlabel_robust.data.splitting.sample import stratified_sample
from genlabel_robust.runs.audit import audit
from genlabel_robust.structure.forest import forest_votes

SUITES = ("standard-1", "standard-2", "strongest-2")
#: The name in place of a suite in the records of exact values.
PROOF = "proof"
#: The integer columns of the mixed table, and its label and identifier, which are not features.
WHOLE = ("age", "education_num", "hours_per_week", "capital_gain")
LABEL = "income"


def xgboost() -> Any:
    """Return XGBoost's classifier, imported on demand."""
    from xgboost import XGBClassifier

    return XGBClassifier(n_estimators=100, random_state=0, n_jobs=1)


def lightgbm() -> Any:
    """Return LightGBM's classifier, imported on demand."""
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=100, random_state=0, n_jobs=1, verbose=-1)


MODELS: dict[str, Callable[[], Any]] = {
    "rf": lambda: RandomForestClassifier(100, random_state=0),
    "gb": lambda: GradientBoostingClassifier(random_state=0),
    "hgb": lambda: HistGradientBoostingClassifier(early_stopping=False, random_state=0),
    "xgb": xgboost,
    "lgbm": lightgbm,
}


def table(name: str) -> tuple[np.ndarray, ...]:
    """Return training rows and labels, and the test rows and labels to attack."""
    known = {"wine": load_wine, "breast-cancer": load_breast_cancer}
    if name in known:
        x, y = known[name](return_X_y=True)
    else:
        folder = Path(os.environ["GENLABEL_ROBUST_OPENML_DIR"])
        frame = pd.read_csv(next(folder.glob(f"{name.removeprefix('openml:')}_*.csv")))
        y = frame.pop("target").to_numpy()
        x = frame.to_numpy(dtype=np.float64)
    x, x_test, y, y_test = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
    if len(y_test) > 100:
        x_test, _, y_test, _ = train_test_split(
            x_test, y_test, train_size=100, random_state=0, stratify=y_test
        )
    if name == "openml:830":
        low, width = x.min(axis=0), np.ptp(x, axis=0)
        x, x_test = (x - low) / width, (x_test - low) / width
    kept = stratified_sample(y_test, min(60, len(y_test)), 0)
    return x, y, x_test[kept], y_test[kept]


def asked(fitted: Any) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function from rows to probabilities that the suites query."""
    if not isinstance(fitted, RandomForestClassifier):
        return lambda rows: fitted.predict_proba(rows)
    votes = forest_votes(fitted)
    if votes is None:
        raise SystemExit("this forest cannot be asked through flat arrays")

    def probabilities(rows: np.ndarray) -> np.ndarray:
        found = votes(rows.astype(np.float32))
        return found / found.sum(axis=1, keepdims=True)

    return probabilities


def measured(
    model: Any, x: Any, y: Any, reference: Any, suite: str, eps: float, **more: Any
) -> dict[str, Any]:
    """Audit ``model``, and return the part of the result to record."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        run = audit(
            model, x, y, reference=reference, suite=suite, eps=eps, out=f"{folder}/run", **more
        )
        seconds = time.process_time() - started
        (row,) = run.results["rows"]
    return {
        "suite": suite,
        "eps": eps,
        "rows": row["n_examples"],
        "clean": 100 * row["clean_accuracy"]["value"],
        "robust": 100 * row["robust_accuracy"]["value"],
        "attacks": {name: 100 * found["value"] for name, found in row["attacks"].items() if found},
        "not_passed": {c["name"]: c["value"] for c in row["checks"] if c["status"] != "pass"},
        "seconds": round(seconds, 2),
    }


def proved(model: Any, x: Any, y: Any, reference: Any, eps: float) -> dict[str, Any]:
    """Certify the trees of ``model``, and return the part of the result to record."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        run = audit(
            model,
            x,
            y,
            reference=reference,
            suite="quick",
            checks="off",
            certify="exact",
            eps=eps,
            out=f"{folder}/run",
        )
        seconds = time.process_time() - started
        (row,) = run.results.rows
    outcomes = row.certification.outcomes
    return {
        "suite": PROOF,
        "eps": eps,
        "rows": sum(outcomes.values()),
        "outcomes": outcomes,
        "seconds": round(seconds, 2),
    }


def trees(path: Path, only: list[str], suites: list[str], records: list[Any], out: Path) -> None:
    """Measure the lines of the table ``path``, or only those of the cells ``only``."""
    done = {(r["set"], r["model"], r["eps"], r["suite"]) for r in records}
    with path.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    # a first audit, not timed, as it imports libraries
    x, y, x_test, y_test = table("wine")
    fitted = MODELS["gb"]().fit(x, y)
    measured(asked(fitted), x_test[:10], y_test[:10], x, suites[-1], 0.1)
    for line in lines:
        name, kind, eps = line["set"], line["model"], float(line["eps"])
        if only and f"{name}/{kind}" not in only:
            continue
        x, y, x_test, y_test = table(name)
        fitted = None
        for suite in (PROOF, *suites):
            if (name, kind, eps, suite) in done:
                continue
            fitted = fitted or MODELS[kind]().fit(x, y)
            if suite == PROOF:
                found = proved(fitted, x_test, y_test, x, eps)
            else:
                found = measured(asked(fitted), x_test, y_test, x, suite, eps)
            keys = ("clean", "standard", "exact", "undecided")
            stated = {key: float(line[key]) for key in keys}
            records.append({"set": name, "model": kind, **found, "stated": stated})
            save(records, out)
            what = found["outcomes"] if suite == PROOF else f"robust {found['robust']:6.2f}"
            print(
                f"{name:<14} {kind:<5} ε {eps:<5} {suite:<12} {what} "
                f"table {stated['exact']:6.2f}  {found['seconds']:7.2f} s",
                flush=True,
            )


def mixed(folder: Path, suites: list[str], records: list[Any], out: Path) -> None:
    """Measure the mixed pipeline: 150 rows, ε = 0.1 of the ranges of the training table."""
    done = {r["suite"] for r in records if r["set"] == "mixed"}
    train, test = (pd.read_csv(folder / f"{part}.csv") for part in ("train", "test"))
    sample = test.sample(150, random_state=0)
    for suite in suites:
        if suite in done:
            continue
        found = measured(
            str(folder / "model.skops"),
            sample.drop(columns=LABEL),
            sample[LABEL],
            train.drop(columns=LABEL),
            suite,
            0.1,
            constraints={"integer": list(WHOLE)},
        )
        records.append({"set": "mixed", "model": "pipeline", **found})
        save(records, out)
        print("mixed", suite, found, flush=True)


def save(records: list[Any], out: Path) -> None:
    """Write the records so far."""
    write_text(out, json_text({"records": records}))


def main() -> None:
    """Measure what the file does not contain yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--suite", action="append", help="suites, the first to compare with")
    parser.add_argument("--cell", action="append", default=[], help="SET/MODEL; all by default")
    parser.add_argument("--mixed", type=Path, help="a folder with train.csv, test.csv, model.skops")
    parser.add_argument("--merge", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=Path("trees-gap.json"))
    options = parser.parse_args()
    records: list[Any] = []
    for path in (options.out, *options.merge):
        if path.exists():
            records += json.loads(path.read_text(encoding="utf-8"))["records"]
    suites = options.suite or list(SUITES)
    save(records, options.out)
    if not options.merge:
        trees(options.table, options.cell, suites, records, options.out)
        if options.mixed is not None:
            mixed(options.mixed, suites, records, options.out)


if __name__ == "__main__":
    main()
