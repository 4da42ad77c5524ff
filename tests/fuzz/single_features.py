"""What is said of single columns against all that one column can become; see CONTRIBUTING.

``python tests/fuzz/single_features.py --count 1000 --seed 0`` prints a line for every model of
which something false is said. Models are the nets of ``made_nets`` and, on the same rows, forests,
linear models and functions of which nothing is known. Whole steps, groups and what is missing are
listed, lines along numbers covered by a grid: what is mislabelled there must not be proved right,
and what is called broken must be so, by that column alone. The seed of a line gives its model
again: ``--only SEED``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from made_cases import Case, tried_cases
from made_nets import made as made_net
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from genlabel_robust.certify.singles.search import single_columns
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import NoStructure
from genlabel_robust.threat.table_columns import TableColumn
from genlabel_robust.threat.threat_model import within
from genlabel_robust.threat.violations import violations

EPS = (0.05, 0.3)
#: Points of each line.
GRID = 4001
KINDS = ("net", "forest", "boosted", "linear", "function")


def main() -> None:
    """Try as many models as asked, and print what was wrong and how much was decided."""
    count, total = tried_cases(__doc__ or "", "model", made, tried)
    answers = total["certified"] + total["broken"] + total["open"]
    print(
        f"{count} models, {total['wrong']} wrong; of {answers} answers {total['certified']} "
        f"certified, {total['broken']} broken, {total['open']} open, of which {total['tied']} of "
        f"nets with ties, and {total['missed']} are broken by a point of the grid"
    )
    sys.exit(bool(total["wrong"]))


def made(seed: int) -> Case:
    """Return the case of a seed: a net, or its rows under a model of another kind."""
    case, kind = made_net(seed // 2), KINDS[1 + seed // 2 % 4]
    if seed % 2 == 0 or "table" in case.name:
        return case
    rng = np.random.default_rng((seed, 2))
    space, d = case.space, case.raw.shape[1]
    x = space.offset + space.scale * rng.uniform(space.low, space.high, (200, d))
    x[:, list(space.rules.integer)] = np.round(x[:, list(space.rules.integer)])
    for group in space.rules.one_hot:
        x[:, group] = np.eye(len(group))[rng.integers(0, len(group), len(x))]
    y = case.model.predict(x) if rng.random() < 0.5 else rng.integers(0, 2, len(x))
    y[:2] = 0, 1
    k = int(y.max()) + 1
    y[:k] = np.arange(k)
    inner: Any = {
        "forest": RandomForestClassifier(7, max_depth=5, random_state=0),
        "boosted": GradientBoostingClassifier(n_estimators=7, random_state=0),
        "linear": LogisticRegression(),
        "function": RandomForestClassifier(7, max_depth=5, random_state=0),
    }[kind].fit(x, y)
    asked = inner.predict if kind == "function" else inner
    model = as_model(asked, rows_of(case.raw, case.raw), tuple(range(k)))
    net: Any = NoStructure("nobody looked")
    if kind != "function":
        net = checked_structure(model, space, case.raw)
        assert not isinstance(net, NoStructure), (seed, net)
    name = f"{kind}, {case.name}"
    return Case(name.replace("ties", ""), net, model, space, case.raw, case.norm)


def columns_of(case: Case) -> tuple[TableColumn, ...]:
    """Return the columns of a case's table: a group is one, a number and its flag are."""
    flags = getattr(case.net, "flags", None)
    flags = np.full(case.raw.shape[1], -1) if flags is None else flags
    groups = {group[0]: group for group in case.space.rules.one_hot}
    inner = {i for group in groups.values() for i in group} | {*flags.tolist()}
    columns = []
    for i in range(case.raw.shape[1]):
        if i in groups:
            columns.append(TableColumn(f"{i}", groups[i], tuple(f"{j}" for j in groups[i])))
        elif flags[i] >= 0:
            columns.append(TableColumn(f"{i}", (i, int(flags[i])), flag=int(flags[i])))
        elif i not in inner:
            columns.append(TableColumn(f"{i}", (i,)))
    return tuple(columns)


def tried(case: Case, rng: np.random.Generator) -> dict[str, Any]:
    """Decide the columns of a case's rows, and hold what exists against what is said."""
    y, columns = case.model.predict(case.raw), columns_of(case)
    found = single_columns(case.model, case.net, case.space, case.raw, y, case.norm, EPS, columns)
    counts: dict[str, Any] = {"certified": 0, "broken": 0, "open": 0, "missed": 0, "wrong": []}
    for i, row in enumerate(case.raw):
        for number, column in enumerate(columns):
            lower, upper = found.lower[i, number], found.upper[i, number]
            where = f"row {i}, column {column.name}"
            counts["wrong"] += [
                f"{where}: {what}" for what in false(case, i, column, found, y, upper)
            ]
            rows = alone(case, row, column)
            far = case.space.distance(np.broadcast_to(row, rows.shape), rows, case.norm)
            rows, far = rows[within(far, EPS[-1])], far[within(far, EPS[-1])]
            bad = far[case.model.predict(rows) != y[i]]
            least = bad.min(initial=np.inf)
            if least < lower * (1 - 1e-9):
                counts["wrong"].append(f"{where}: proved to {lower}, mislabelled at {least}")
            for eps in EPS:
                certified, broken = ~within(lower, eps), within(upper, eps)
                if certified and broken:
                    counts["wrong"].append(f"{where}: certified and broken at {eps}")
                answer = "certified" if certified else "broken" if broken else "open"
                counts[answer] += 1
                counts["missed"] += answer == "open" and bool(within(least, eps))
    return counts


def false(
    case: Case, i: int, column: TableColumn, found: Any, y: np.ndarray, upper: float
) -> Iterator[str]:
    """Yield what is wrong with the point of a row and a column."""
    own = list(column.features)
    value = found.value[i, own]
    if np.isinf(upper):
        if np.isfinite(value).any():
            yield "a point, and no distance"
        return
    point = case.raw[i].copy()
    point[own] = value
    both = np.stack([point, case.raw[i]])
    if violations(case.space, case.raw[i][None], point[None])[0]:
        yield "the point does not exist"
    if case.space.distance(case.raw[i][None], point[None], case.norm)[0] != upper:
        yield "the point lies at another distance"
    if not within(upper, EPS[-1]):
        yield "the point lies beyond the budget"
    if case.model.predict(both)[0] == y[i] or case.model.predict(point[None])[0] == y[i]:
        yield "the point is labelled right"


def alone(case: Case, row: np.ndarray, column: TableColumn) -> np.ndarray:
    """Return rows that exist (q, d), in which ``column`` alone differs."""
    space, own = case.space, list(column.features)
    mutable = [i for i in own if space.mutable[i]]
    if column.levels:
        rows = np.tile(row, (len(own), 1))
        rows[:, own] = np.eye(len(own))
    else:
        number, flag = own[0], column.flag
        starts = [row]
        if flag in mutable:
            other = row.copy()
            other[flag] = 1 - other[flag]
            starts.append(other)
        u = space.enter(row[None])
        low, high = (space.offset + space.scale * edge[0] for edge in space.box(u))
        values = np.concatenate([np.linspace(low[number], high[number], GRID), [row[number]]])
        if number in space.rules.integer:
            steps = np.arange(np.ceil(low[number] - row[number]), high[number] - row[number] + 1)
            values = row[number] + steps
        rows = np.repeat(np.array(starts), len(values), axis=0)
        rows[:, number] = np.tile(values, len(starts))
    same = np.ones(len(rows), dtype=bool)
    for i in own:
        if i not in mutable:
            same &= rows[:, i] == row[i]
    rows = rows[same]
    return rows[~violations(space, np.broadcast_to(row, rows.shape), rows)]


if __name__ == "__main__":
    main()
