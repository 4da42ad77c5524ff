"""Measure the certifier of trees, compared with Veritas and a mixed-integer program.

Needs XGBoost, LightGBM and ``dtai-veritas``, and a folder of ``<id>_<name>.csv`` files::

    GENLABEL_ROBUST_OPENML_DIR=FOLDER python benchmarks/certify.py --out FILE [SET/MODEL ...]

For each cell (data set, model, norm, ε), up to 60 correctly classified test rows are decided: by
``certify_trees``; under L∞ also by Veritas on the same trees, in the same run, row by row; and the
first few rows by the program of Kantchelian et al. 2016 (1509.07892), solved by HiGHS. The box is
the training range, extended to contain the row. Times are CPU time of one thread. The model's own
predictions, which confirm each point found, are timed separately. Cells that FILE already has are
not measured again. With ``--chen FOLDER``, the published model of Chen et al. 2019 is decided too,
see ``chen2019.py``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import chen2019
import numpy as np
import veritas
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix
from sklearn.ensemble import RandomForestClassifier
from trees_gap import MODELS, table

from genlabel_robust.certify.trees import TreeCertifier
from genlabel_robust.core.files.writing import json_text, write_text
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.structures.structure_of import structure_of
from genlabel_robust.structure import TreeEnsemble
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import TOLERANCE

SETS = ("wine", "breast-cancer", "openml:763", "openml:830", "openml:446", "openml:1498")
LARGE_SETS = ("openml:792", "openml:855", "openml:913")
BUDGETS = (0.03, 0.1)
NORMS = ("linf", "l2", "l1")
#: The time limits in seconds of Veritas and of the program for one rival of one row, and the number
#: of rows per cell for the program.
VERITAS_SECONDS, PROGRAM_SECONDS, PROGRAM_ROWS = 1.0, 20.0, 4
#: The maximum number of nodes and queries for one row.
WORK = 20_000
#: A solver that does not query the library may decide differently if scores differ by less.
NEAR = 1e-6


def large_xgboost() -> Any:
    """Return XGBoost with 500 trees of depth 8."""
    from xgboost import XGBClassifier

    return XGBClassifier(n_estimators=500, max_depth=8, random_state=0, n_jobs=1)


LARGE: dict[str, Callable[[], Any]] = {
    "xgb-500": large_xgboost,
    "rf-300": lambda: RandomForestClassifier(300, random_state=0),
}


class Timed:
    """A model that counts the time of its predictions."""

    def __init__(self, model: Any) -> None:
        self._model, self.seconds = model, 0.0

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        started = time.thread_time()
        found = self._model.predict(raw)
        self.seconds += time.thread_time() - started
        return np.asarray(found)


def veritas_trees(trees: TreeEnsemble, rival: int, y: int) -> Any:
    """Return Veritas's trees of the lead of ``rival`` over ``y``."""
    ensemble = veritas.AddTree(1, veritas.AddTreeType.REGR)
    for root in trees.roots:
        tree = ensemble.add_tree()
        waiting = [(int(root), tree.root())]
        while waiting:
            node, there = waiting.pop()
            if trees.feature[node] < 0:
                lead = trees.value[node, rival] - trees.value[node, y]
                tree.set_leaf_value(there, 0, float(lead))
                continue
            # Veritas compares with <
            above = float(np.nextafter(trees.threshold[node], np.inf))
            tree.split(there, int(trees.feature[node]), above)
            waiting.append((int(trees.left[node]), tree.left(there)))
            waiting.append((int(trees.right[node]), tree.right(there)))
    ensemble.set_base_score(0, float(trees.base[rival] - trees.base[y]))
    return ensemble


def by_veritas(ensembles: list[Any], low: np.ndarray, high: np.ndarray) -> str:
    """Decide one row with Veritas's own settings for robustness."""
    box = [
        veritas.Interval(float(a), float(np.nextafter(b, np.inf)))
        for a, b in zip(low, high, strict=True)
    ]
    for ensemble in ensembles:
        config = veritas.Config(veritas.HeuristicType.MAX_OUTPUT)
        config.ignore_state_when_worse_than = 0.0
        config.stop_when_num_solutions_exceeds = 1
        config.stop_when_optimal = True
        config.max_focal_size, config.focal_eps = 1000, 0.2
        config.max_memory = 2**30
        search = config.get_search(ensemble.prune(box), box)
        reason = veritas.StopReason.NONE
        while reason == veritas.StopReason.NONE:
            reason = search.step_for(VERITAS_SECONDS, 100)
        if search.num_solutions() and search.get_solution(0).output > 0:
            return "broken"
        if reason not in (veritas.StopReason.NO_MORE_OPEN, veritas.StopReason.OPTIMAL):
            return "open"
    return "certified"


def largest_lead(
    trees: TreeEnsemble, rival: int, y: int, low: np.ndarray, high: np.ndarray
) -> float | None:
    """Return the largest lead of ``rival`` over ``y`` in a box (d,), (d,); None if not solved.

    The program has a variable for each threshold inside the box, which is 1 to the left of it, and
    one for each leaf. At every split, the leaves on the left add up to at most its variable, those
    on the right to at most 1 minus it.
    """
    inside = np.flatnonzero(trees.feature >= 0)
    inside = inside[
        (low[trees.feature[inside]] <= trees.threshold[inside])
        & (trees.threshold[inside] < high[trees.feature[inside]])
    ]
    pairs = sorted(
        {
            (int(f), float(t))
            for f, t in zip(trees.feature[inside], trees.threshold[inside], strict=True)
        }
    )
    number = {pair: i for i, pair in enumerate(pairs)}
    gains: list[float] = []
    rows: list[tuple[dict[int, float], float, float]] = [
        ({i: 1.0, i + 1: -1.0}, -np.inf, 0.0)
        for i in range(len(pairs) - 1)
        if pairs[i][0] == pairs[i + 1][0]
    ]

    def leaves(node: int) -> list[int]:
        feature, threshold = int(trees.feature[node]), float(trees.threshold[node])
        if feature < 0:
            gains.append(float(trees.value[node, rival] - trees.value[node, y]))
            return [len(pairs) + len(gains) - 1]
        if high[feature] <= threshold:
            return leaves(int(trees.left[node]))
        if low[feature] > threshold:
            return leaves(int(trees.right[node]))
        left, right = leaves(int(trees.left[node])), leaves(int(trees.right[node]))
        variable = number[feature, threshold]
        rows.append(({**dict.fromkeys(left, 1.0), variable: -1.0}, -np.inf, 0.0))
        rows.append(({**dict.fromkeys(right, 1.0), variable: 1.0}, -np.inf, 1.0))
        return left + right

    rows += [(dict.fromkeys(leaves(int(root)), 1.0), 1.0, 1.0) for root in trees.roots]
    at = [(i, j, a) for i, (row, _, _) in enumerate(rows) for j, a in row.items()]
    i, j, a = (np.array(part) for part in zip(*at, strict=True))
    n = len(pairs) + len(gains)
    solved = milp(
        -np.concatenate([np.zeros(len(pairs)), gains]),
        integrality=np.arange(n) < len(pairs),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            coo_matrix((a, (i, j)), shape=(len(rows), n)).tocsr(),
            [low for _, low, _ in rows],
            [high for _, _, high in rows],
        ),
        options={"time_limit": PROGRAM_SECONDS, "mip_rel_gap": 1e-9},
    )
    if solved.status != 0:
        return None
    return float(-solved.fun + trees.base[rival] - trees.base[y])


def measured(name: str, kind: str, most: int) -> list[dict[str, Any]]:
    """Return the records for one data set and model."""
    x, y, x_test, y_test = table(name)
    fitted = (MODELS | LARGE)[kind]().fit(x, y)
    model = as_model(fitted, rows_of(x_test), sorted(set(y.tolist())))
    low, width = x.min(axis=0), np.maximum(np.ptp(x, axis=0), 1e-300)
    moves = np.ptp(x, axis=0) > 0
    scale = np.where(moves, width, 1.0)
    space = AttackSpace(np.zeros(len(low)), scale, low / scale, x.max(axis=0) / scale, moves)
    trees = structure_of(model, space, x_test)
    if not isinstance(trees, TreeEnsemble):
        raise SystemExit(f"{name}/{kind}: {trees}")
    labels = np.searchsorted(np.unique(y), y_test)
    correct = np.flatnonzero(model.predict(x_test) == labels)
    rows, labels, n = x_test[correct][:most], labels[correct][:most], len(x_test)
    peers = {
        label: [
            (rival, veritas_trees(trees, rival, label))
            for rival in range(trees.n_classes)
            if rival != label
        ]
        for label in np.unique(labels).tolist()
    }
    u = space.enter(rows)
    lows, highs = (edge * scale for edge in space.box(u))
    records = []
    for norm, eps in product(NORMS, BUDGETS):
        timed, radius = Timed(model), eps * (1 + TOLERANCE)
        certifier = TreeCertifier(trees, timed, space, norm)  # type: ignore[arg-type]
        ours: list[float] = []
        theirs: list[float] = []
        verdicts, differ, near, theirs_open, solved, solved_differ = [], 0, 0, 0, 0, 0
        for at, (row, label) in enumerate(zip(rows, labels.tolist(), strict=True)):
            started, asked = time.thread_time(), timed.seconds
            proved = certifier.row(row, label, (eps,), WORK)
            ours.append(time.thread_time() - started - (timed.seconds - asked))
            verdict = "broken" if proved.upper <= radius else "open"
            verdict = "certified" if proved.lower > radius else verdict
            verdicts.append(verdict)
            if norm != "linf":
                continue
            box = (
                np.maximum(lows[at], row - radius * scale),
                np.minimum(highs[at], row + radius * scale),
            )
            started = time.thread_time()
            found = by_veritas([peer for _, peer in peers[label]], *box)
            theirs.append(time.thread_time() - started)
            theirs_open += found == "open"
            if "open" not in (found, verdict) and found != verdict:
                leads = [largest_lead(trees, rival, label, *box) for rival, _ in peers[label]]
                is_near = any(lead is not None and abs(lead) <= NEAR for lead in leads)
                near, differ = near + is_near, differ + (not is_near)
            if at < PROGRAM_ROWS and verdict != "open" and kind not in LARGE:
                leads = [largest_lead(trees, rival, label, *box) for rival, _ in peers[label]]
                known = [lead for lead in leads if lead is not None]
                if len(known) == len(leads) or max(known, default=-1.0) > 0:
                    solved += 1
                    lead = max(known)
                    solved_differ += abs(lead) > NEAR and (lead > 0) != (verdict == "broken")
        record: dict[str, Any] = {
            "set": name,
            "model": kind,
            "norm": norm,
            "eps": eps,
            "test_rows": n,
            "rows": len(rows),
            "certified": verdicts.count("certified"),
            "broken": verdicts.count("broken"),
            "open": verdicts.count("open"),
            "ms": 1e3 * float(np.mean(ours)),
            "ms_max": 1e3 * max(ours),
            "library_ms": 1e3 * timed.seconds / len(rows),
        }
        if norm == "linf":
            record |= {
                "veritas_ms": 1e3 * float(np.mean(theirs)),
                "veritas_ms_max": 1e3 * max(theirs),
                "veritas_open": theirs_open,
                "veritas_differ": differ,
                "near": near,
                "program_rows": solved,
                "program_differ": solved_differ,
            }
        print(json.dumps(record), flush=True)
        records.append(record)
    return records


def main() -> None:
    """Measure the cells that ``--out`` does not contain yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("cells", nargs="*", metavar="SET/MODEL")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=60)
    parser.add_argument("--chen", type=Path, metavar="FOLDER")
    chosen = parser.parse_args()
    cells = chosen.cells or [
        *(f"{name}/{kind}" for name in SETS for kind in MODELS),
        *(f"{name}/{kind}" for name in LARGE_SETS for kind in LARGE),
    ]
    held: dict[str, Any] = {"records": []}
    if chosen.out.exists():
        held = json.loads(chosen.out.read_text(encoding="utf-8"))
    if chosen.chen is not None:
        held["chen2019"] = chen2019.measured(chosen.chen)
        print(json.dumps(held["chen2019"]), flush=True)
        write_text(chosen.out, json_text(held))
    records = held["records"]
    done = {(r["set"], r["model"]) for r in records}
    for cell in cells:
        name, kind = cell.split("/")
        if (name, kind) not in done:
            records += measured(name, kind, chosen.rows)
            write_text(chosen.out, json_text(held))


if __name__ == "__main__":
    main()
