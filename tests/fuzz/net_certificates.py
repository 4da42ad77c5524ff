"""Certificates of small random nets against all that exists near a row; see CONTRIBUTING.

``python tests/fuzz/net_certificates.py --count 2000 --seed 0`` prints a line for every net of which
something false is proved. Nets are our own architectures, multilayer perceptrons of scikit-learn,
modules of torch and ONNX files, with ties on purpose; rows are tried in every norm, with columns
that are fixed, monotone, whole, one of a group, or held in a narrow box. Whole numbers and groups
are enumerated, the other columns covered by a grid and by descents from its best points; what
these mislabel must not be certified, and what is called broken must be so. The seed of a line
gives its net again: ``--only SEED``.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.neural_network import MLPClassifier
from torch import nn

from genlabel_robust.certify.nets import certify_net
from genlabel_robust.core.threads import one_thread
from genlabel_robust.data.rows import rows_of
from genlabel_robust.data.task import Scaling
from genlabel_robust.model_files.onnx.file import read
from genlabel_robust.model_files.reading import Permission
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.chain import Chain
from genlabel_robust.models.model import Model, TorchModel
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat.constraints import Rules
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import NORMS, within
from genlabel_robust.threat.violations import violations

SOURCES = ("own", "scikit-learn", "torch", "onnx")
KINDS = ("free", "immutable", "monotone", "whole", "one-hot", "box")
EPS, WORK, ROWS = (0.05, 0.3), 2000, 2
#: Points of a grid, and descents from its best.
GRID, DESCENTS, STEPS = 4000, 8, 25

Layers = list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Case:
    """A net, rows of it, and what may happen to them."""

    name: str
    net: ReluNet
    model: Model
    space: AttackSpace
    raw: np.ndarray
    norm: Any


def main() -> None:
    """Try as many nets as asked, and print what was wrong and how much was decided."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many nets")
    parser.add_argument("--seed", type=int, default=0, help="of the first net")
    parser.add_argument("--only", type=int, help="just the net of this seed")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.count) if given.only is None else [given.only]
    total: Counter[str] = Counter()
    warnings.simplefilter("ignore")
    with one_thread():
        for seed in seeds:
            case = made(seed)
            for problem in (found := tried(case, np.random.default_rng((seed, 1)))).pop("wrong"):
                print(json.dumps({"seed": seed, "net": case.name, "problem": problem}), flush=True)
                total["wrong"] += 1
            total.update(found)
            total["tied"] += found["open"] * ("ties" in case.name)
    answers = total["certified"] + total["broken"] + total["open"]
    print(
        f"{len(seeds)} nets, {total['wrong']} wrong; of {answers} answers {total['certified']} "
        f"certified, {total['broken']} broken, {total['open']} open; {total['tied']} of these are "
        f"of nets with ties, and a point of the grid breaks {total['missed']}"
    )
    sys.exit(bool(total["wrong"]))


def made(seed: int) -> Case:
    """Return the case of a seed: each source, norm and kind of constraint comes in turn."""
    rng = np.random.default_rng((seed, 0))
    source, kind = SOURCES[seed % 4], KINDS[seed // 4 % 6]
    norm = NORMS[seed // 24 % 3]
    d, k = int(rng.integers(1, 4)), int(rng.integers(2, 5))
    groups = (tuple(range(d, d + 3)),) if kind == "one-hot" else ()
    width = d + 3 * len(groups)
    scale, offset = rng.choice([1.0, 10.0], width), np.round(3 * rng.normal(size=width))
    whole = tuple(range(int(rng.integers(1, d + 1)))) if kind == "whole" else ()
    scale[list(whole)] = 10.0
    scale[d:], offset[d:] = 1.0, 0.0
    raw = offset + scale * rng.uniform(0, 1, (ROWS, width))
    raw[:, list(whole)] = np.round(raw[:, list(whole)])
    raw[:, d:] = np.tile(np.eye(3)[rng.integers(0, 3, ROWS)], len(groups))
    ties = rng.random() < 0.25
    layers = _layers(rng, width, k, offset, scale, ties)
    model = _model(source, layers, offset, scale, raw)
    monotone = tuple(i for i in range(d) if kind == "monotone" and rng.random() < 0.7)
    falling = tuple(i for i in monotone if rng.random() < 0.5)
    rules = Rules(
        increasing=tuple(sorted({*monotone} - {*falling})),
        decreasing=falling,
        integer=whole,
        one_hot=groups,
    )
    mutable = np.ones(width, dtype=bool)
    mutable[0] = kind != "immutable" or d == 1
    weight = rng.choice([1.0, 0.5], width)
    low, high = np.zeros(width), 1 / weight
    if kind == "box":
        near = (raw - offset) / (scale * weight)
        low, high = near.min(axis=0) - 0.02, near.max(axis=0) + rng.choice([0.0, 0.1], width)
    space = AttackSpace(offset, scale * weight, low, high, mutable, rules)
    net = checked_structure(model, space, raw)
    assert isinstance(net, ReluNet), (seed, net)
    name = f"{source}, {kind}, {norm}{', ties' if ties else ''}"
    return Case(name, net, model, space, raw, norm)


def _layers(
    rng: np.random.Generator, d: int, k: int, offset: np.ndarray, scale: np.ndarray, ties: bool
) -> Layers:
    """Return layers on scaled features, whose classes are about equally likely.

    With ties, weights are few numbers, so that scores are often equal in float32, and two classes
    may be the same.
    """
    widths = (d, *(int(w) for w in rng.integers(2, 7, rng.integers(1, 4))), k)
    layers: Layers = []
    for v, w in pairwise(widths):
        weight = 3 * rng.uniform(-1, 1, (w, v)) / v**0.5
        bias = np.abs(rng.uniform(-1, 1, w)) * 3 / v**0.5
        if ties:
            weight, bias = np.round(weight), np.round(2 * bias) / 2
        layers.append((weight.astype(np.float32), bias.astype(np.float32)))
    x = rng.uniform(0, 1, (200, d))
    for weight, bias in layers[:-1]:
        x = np.maximum(x @ weight.T + bias, 0.0)
    weight, bias = layers[-1]
    bias = np.float32(bias - (x @ weight.T + bias).mean(axis=0))
    if ties:
        bias = np.round(2 * bias) / np.float32(2)
        if k > 2 and rng.random() < 0.3:
            weight[1], bias[1] = weight[0], bias[0]
    layers[-1] = weight, bias
    return layers


def _model(
    source: str, layers: Layers, offset: np.ndarray, scale: np.ndarray, raw: np.ndarray
) -> Model:
    k, widths = len(layers[-1][1]), tuple(len(bias) for _, bias in layers[:-1])
    exact = tuple((weight.T.copy(), bias) for weight, bias in layers)
    module = Chain("small", widths, relu=True, learning_rate=0.1).module(exact)
    if source == "own":
        return TorchModel(module, Scaling("range", offset, scale), k)
    # the others take raw features: the scaling goes into their first layer
    weight, bias = layers[0]
    first = (weight / scale).astype(np.float32)
    layers = [(first, (bias - first @ offset).astype(np.float32)), *layers[1:]]
    if source == "scikit-learn":
        inside: Any = _perceptron(layers)
    elif source == "onnx":
        inside = read(Path("net.onnx"), _graph(layers), Permission()).model
    else:
        exact = tuple((weight.T.copy(), bias) for weight, bias in layers)
        module = Chain("small", widths, relu=True, learning_rate=0.1).module(exact)
        inside = nn.Sequential(nn.Flatten(), module, nn.Dropout()).eval()
    return as_model(inside, rows_of(raw, raw), tuple(range(k)))


def _perceptron(layers: Layers) -> MLPClassifier:
    """Return a perceptron of scikit-learn that has the layers; two classes have one output."""
    d, k = layers[0][0].shape[1], len(layers[-1][1])
    net = MLPClassifier(tuple(len(bias) for _, bias in layers[:-1]), max_iter=1, random_state=0)
    net.fit(np.random.default_rng(0).normal(size=(20, d)), np.arange(20) % k)
    weights, biases = zip(*((w.T.astype(float), b.astype(float)) for w, b in layers), strict=True)
    net.coefs_, net.intercepts_ = list(weights), list(biases)
    if k == 2:
        net.coefs_[-1] = weights[-1][:, 1:] - weights[-1][:, :1]
        net.intercepts_[-1] = biases[-1][1:] - biases[-1][:1]
    return net


def _graph(layers: Layers) -> bytes:
    nodes, tensors, last = [], [], "x"
    for number, (weight, bias) in enumerate(layers):
        tensors += [
            numpy_helper.from_array(weight, f"w{number}"),
            numpy_helper.from_array(bias, f"b{number}"),
        ]
        inputs = [last, f"w{number}", f"b{number}"]
        nodes.append(helper.make_node("Gemm", inputs, [f"z{number}"], transB=1))
        last = f"z{number}"
        if number < len(layers) - 1:
            nodes.append(helper.make_node("Relu", [last], [f"r{number}"]))
            last = f"r{number}"
    d, k = layers[0][0].shape[1], len(layers[-1][1])
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", d])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, ["n", k])],
        tensors,
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(proto)
    content: bytes = proto.SerializeToString()
    return content


def tried(case: Case, rng: np.random.Generator) -> dict[str, Any]:
    """Certify the rows of a case, and hold what exists against what is said."""
    y = case.model.predict(case.raw)
    found = certify_net(case.net, case.model, case.space, case.raw, y, case.norm, EPS, WORK)
    counts: dict[str, Any] = {"certified": 0, "broken": 0, "open": 0, "missed": 0, "wrong": []}
    for i, row in enumerate(case.raw):
        if np.isfinite(found.upper[i]):
            counts["wrong"] += false_witness(case, row, y[i], found.witness[i], found.upper[i])
        for eps in EPS:
            certified, broken = ~within(found.lower[i], eps), within(found.upper[i], eps)
            if certified and broken:
                counts["wrong"].append(f"row {i} is certified and broken at {eps}")
            counts["certified" if certified else "broken" if broken else "open"] += 1
            if broken:
                continue
            rows = existing(case, row, int(y[i]), eps, rng)
            wrong = rows[case.model.predict(rows) != y[i]]
            if certified and len(wrong):
                counts["wrong"].append(f"row {i} is certified at {eps}; {wrong[0].tolist()}")
            counts["missed"] += bool(len(wrong) and not certified)
    return counts


def false_witness(
    case: Case, row: np.ndarray, y: int, witness: np.ndarray, distance: float
) -> list[str]:
    """Return what is wrong with a witness of a row."""
    problems = []
    if violations(case.space, row[None], witness[None])[0]:
        problems.append("the witness does not exist")
    if case.space.distance(row[None], witness[None], case.norm)[0] != distance:
        problems.append("the witness lies at another distance")
    both = np.stack([witness, row])
    if case.model.predict(witness[None])[0] == y or case.model.predict(both)[0] == y:
        problems.append("the witness is labelled right")
    return problems


def existing(
    case: Case, row: np.ndarray, y: int, eps: float, rng: np.random.Generator
) -> np.ndarray:
    """Return rows that exist within ``eps``: a grid of all, and where descents from it end."""
    u = case.space.enter(row[None])
    low, high = ((edge - u)[0] for edge in case.space.box(u))
    low, high = np.maximum(low, -eps), np.minimum(high, eps)
    scale, groups = case.space.scale, case.space.rules.one_hot
    whole, grouped = case.space.rules.integer, [i for group in groups for i in group]
    smooth = [i for i in range(len(row)) if i not in {*whole, *grouped} and high[i] > low[i]]
    per = max(2, int(GRID ** (1 / max(1, len(smooth)))))
    axes = [np.zeros(1) for _ in row]
    for i in smooth:
        axes[i] = np.unique(np.append(np.linspace(low[i], high[i], per), 0.0))
    for i in whole:
        steps = np.arange(
            np.ceil(low[i] * scale[i] - 1e-6), np.floor(high[i] * scale[i] + 1e-6) + 1
        )
        axes[i] = steps / scale[i]
    plain = [axes[i] for i in range(len(row)) if i not in grouped]
    grid = np.stack([part.ravel() for part in np.meshgrid(*plain, indexing="ij")], axis=1)
    delta = np.zeros((len(grid), len(row)))
    delta[:, [i for i in range(len(row)) if i not in grouped]] = grid
    parts = []
    for choice in product(*(range(len(group)) for group in groups)):
        part = delta.copy()
        for group, chosen in zip(groups, choice, strict=True):
            part[:, list(group)] = (np.eye(len(group))[chosen] - row[list(group)]) / scale[
                list(group)
            ]
        parts.append(part)
    delta = np.concatenate(parts)
    rows = accepted(case, row, delta, eps)
    ends = rows[np.argsort(lead(case.net, rows, y), kind="stable")[:DESCENTS]]
    return np.concatenate([rows, descended(case, row, ends, y, eps, smooth, rng)])


def accepted(case: Case, row: np.ndarray, delta: np.ndarray, eps: float) -> np.ndarray:
    """Return the rows at ``delta`` that exist; what leaves the ball is drawn back first."""
    scale, whole = case.space.scale, list(case.space.rules.integer)
    if case.norm != "linf":
        fixed = np.isin(np.arange(len(row)), [*whole, *sum(case.space.rules.one_hot, ())])
        power = 1 if case.norm == "l1" else 2
        size = np.abs(delta) ** power
        left = np.maximum(eps**power - size[:, fixed].sum(axis=1), 0.0)
        taken = np.maximum(size[:, ~fixed].sum(axis=1), 1e-300)
        share = np.minimum(left / taken, 1.0) ** (1 / power)
        delta = np.where(fixed, delta, delta * share[:, None])
    rows = row + scale * delta
    rows[:, whole] = row[whole] + np.rint((scale * delta)[:, whole])
    rows = np.where(delta == 0, row, rows)
    origin = np.broadcast_to(row, rows.shape)
    exist = ~violations(case.space, origin, rows)
    found: np.ndarray = rows[exist & within(case.space.distance(origin, rows, case.norm), eps)]
    return found


def lead(net: ReluNet, rows: np.ndarray, y: int) -> np.ndarray:
    """Return the lead of ``y`` over the best other class."""
    scores = net.scores(rows)
    others = scores.copy()
    others[:, y] = -np.inf
    found: np.ndarray = scores[:, y] - others.max(axis=1)
    return found


def descended(
    case: Case,
    row: np.ndarray,
    rows: np.ndarray,
    y: int,
    eps: float,
    smooth: list[int],
    rng: np.random.Generator,
) -> np.ndarray:
    """Return where random steps that lower the lead end, of the smooth columns alone."""
    found, step = [rows], eps / 2
    for _ in range(STEPS if smooth and len(rows) else 0):
        moved = np.repeat(rows, 6, axis=0)
        moved[:, smooth] += (case.space.scale * step * rng.uniform(-1, 1, moved.shape))[:, smooth]
        u = case.space.enter(row[None])
        low, high = ((edge - u)[0] for edge in case.space.box(u))
        delta = np.clip((moved - row) / case.space.scale, low, high)
        if case.norm == "linf":
            delta = np.clip(delta, -eps, eps)
        both = np.concatenate([rows, accepted(case, row, delta, eps)])
        rows = both[np.argsort(lead(case.net, both, y), kind="stable")[: len(rows)]]
        found.append(rows)
        step *= 0.75
    return np.concatenate(found)


if __name__ == "__main__":
    main()
