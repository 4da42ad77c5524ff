"""Measure how fast the short search of ``genlabel-cv`` is, and whether it chooses as well.

Run it on a folder of ``<id>_<name>.csv`` files; it uses the twelve with the most rows::

    GENLABEL_ROBUST_OPENML_DIR=FOLDER python benchmarks/short_search.py --out FILE

Each data set is split with several seeds, none of them the default or one used in the design of the
search. The default ``mlp`` is trained with both searches in turn. Recorded are their choices, the
number of correct test rows, the number of robust rows at ε = 0.1 of each feature's training range
(L∞), and the CPU time of one thread. The number of robust rows lies between the certified rows and
those not broken. If both searches make the same choice, they train the same model, which is
measured once. Architectures other than nets with hidden layers always use the full search.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

from genlabel_robust.certify.certify import certify
from genlabel_robust.core.files.writing import json_text, write_text
from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.data import Task
from genlabel_robust.models import MLP, Model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.structure import NoStructure
from genlabel_robust.threat import AttackSpace
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.threat_model import within

SETS = 12
EPS = 0.1
SPLITS = (5, 6, 7, 8, 9, 10)
SEARCHES = ("short", "full")


def main() -> None:
    """Measure, and write the records to a file after each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--widths", type=int, nargs="+", default=MLP.widths, help="of the mlp")
    parser.add_argument("--splits", type=int, nargs="+", default=SPLITS, help="split seeds")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    records: list[dict[str, Any]] = []
    with one_thread():
        sets = largest(Path(os.environ["GENLABEL_ROBUST_OPENML_DIR"]))
        for name, split in product(sets, options.splits):
            records += of_set(name, split, options.seeds, options.widths)
            about = {
                "eps": EPS,
                "widths": list(options.widths),
                "records": records,
            }
            write_text(options.out, json_text(about))


def largest(folder: Path) -> list[str]:
    """Return the data sets of ``folder`` with the most rows, smallest first."""
    rows = {path: len(path.read_text().splitlines()) - 1 for path in folder.glob("[0-9]*_*.csv")}
    by_size = sorted(rows, key=lambda path: (-rows[path], path.name))
    return [f"openml:{path.name.split('_')[0]}" for path in by_size[:SETS][::-1]]


def of_set(name: str, split: int, seeds: int, widths: Sequence[int]) -> list[dict[str, Any]]:
    """Return a record for each training seed of one data set, split with the seed ``split``."""
    plans = [
        make_plan(
            RunConfig(
                datasets=(name,),
                strategies=("genlabel-cv",),
                architectures=("mlp",),
                eps=(EPS,),
                split_seed=split,
                seeds=seeds,
                search=search,
                settings={"architecture": {"mlp": {"widths": list(widths)}}},
            )
        )
        for search in SEARCHES
    ]
    (task,) = plans[0].tasks.values()
    space, records = attack_space(task, plans[0].threat), []
    for cells in zip(*(plan.cells for plan in plans), strict=True):
        record: dict[str, Any] = {
            "set": name,
            "split": split,
            "seed": cells[0].seed,
            "rows": len(task.y_test),
        }
        known: list[tuple[Any, dict[str, Any]]] = []
        for search, cell in zip(SEARCHES, cells, strict=True):
            started = time.process_time()
            model, chosen = train_model(cell, task, space)
            seconds = time.process_time() - started
            counts = next((c for other, c in known if other == chosen), None)
            if counts is None:
                counts = measured(model, task, space)
            known.append((chosen, counts))
            record[search] = {"chosen": chosen, "seconds": seconds, **counts}
        records.append(record)
        print(line(record), flush=True)
    return records


def measured(model: Model, task: Task, space: AttackSpace) -> dict[str, Any]:
    """Return how many test rows are correct, certified, and correct but not broken."""
    right = model.predict(task.x_test) == task.y_test
    structure = checked_structure(model, space, task.x_test)
    assert not isinstance(structure, NoStructure), structure
    found = certify(structure, model, space, task.x_test, task.y_test, "linf", (EPS,))
    return {
        "right": int(right.sum()),
        "certified": int((right & ~within(found.lower, EPS)).sum()),
        "not_broken": int((right & ~within(found.upper, EPS)).sum()),
    }


def line(record: dict[str, Any]) -> str:
    """Format a record in one line."""
    both: Sequence[dict[str, Any]] = [record[search] for search in SEARCHES]
    parts = (
        f"{search} {one['seconds']:.1f} s right {one['right']} robust {one['certified']} to "
        f"{one['not_broken']} of {record['rows']}"
        for search, one in zip(SEARCHES, both, strict=True)
    )
    same = "same" if both[0]["chosen"] == both[1]["chosen"] else "other"
    return f"{record['set']} {record['split']} {record['seed']} {same}: {'; '.join(parts)}"


if __name__ == "__main__":
    main()
