"""Small random nets, rows of them, and what may happen to these, a case for each seed.

Our own architectures, multilayer perceptrons of scikit-learn, modules of torch and ONNX files, of
columns that are fixed, monotone, whole, one of a group, or held in a narrow box; and perceptrons
behind a pipeline whose columns may be missing, or are categories that stay or that may change.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
from made_cases import KINDS, ROWS, Case, case_of_table, space_of
from onnx import TensorProto, helper, numpy_helper
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn

from genlabel_robust.data.rows import rows_of
from genlabel_robust.data.task import Scaling
from genlabel_robust.model_files.onnx.file import read
from genlabel_robust.model_files.reading import Permission
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.model import Model, TorchModel
from genlabel_robust.models.nets.chain import Chain
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import ReluNet

#: Those under which a length is how far a step goes.
NORMS = ("linf", "l2", "l1")

SOURCES = ("own", "scikit-learn", "torch", "onnx")
Layers = list[tuple[np.ndarray, np.ndarray]]


def made(seed: int) -> Case:
    """Return the case of a seed: each source, norm and kind of constraint comes in turn."""
    rng = np.random.default_rng((seed, 0))
    source, kind = SOURCES[seed % 4], KINDS[seed // 4 % 7]
    norm = NORMS[seed // 28 % 3]
    if kind == "table":
        return _of_table(rng, norm)
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
    space = space_of(rng, kind, whole, groups, offset, scale, raw)
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


def _of_table(rng: np.random.Generator, norm: Any) -> Case:
    """Return a perceptron behind a pipeline on two numbers, which may be missing, and two levels.

    Any of the categories, and of what says that a number is missing, may be free to change.
    """
    n, k = 20, int(rng.integers(2, 4))
    frame = pd.DataFrame({name: rng.uniform(0, 10, n).round(2) for name in ("a", "b")})
    frame = frame.mask(rng.random((n, 2)) < [0.4, 0.4 * rng.integers(2)])
    for name in ("c", "e"):
        frame[name] = rng.permutation(np.resize(list("xyz"), n))
    free = [name for name in ("a is missing", "b is missing", "c", "e") if rng.random() < 0.5]
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["a", "b"]),
            ("levels", OneHotEncoder(), ["c", "e"]),
        ]
    )
    ties = rng.random() < 0.25
    layers = _layers(rng, 8, k, np.zeros(8), np.ones(8), ties)
    pipeline = Pipeline([("columns", columns.fit(frame)), ("net", _perceptron(layers))])
    name = f"pipeline, table, {norm}{', ties' if ties else ''}"
    return case_of_table(frame, pipeline, free, k, norm, ReluNet, name)
