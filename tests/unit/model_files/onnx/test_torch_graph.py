"""The conversion to torch: operators compared with onnxruntime, gradients with torch's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from genlabel_robust.core.errors import NotApplicableError
from genlabel_robust.model_files.onnx.operators.operators import OPERATORS
from genlabel_robust.model_files.onnx.torch_graph import Source, TorchGraph, torch_graph

RNG = np.random.default_rng(0)
N, C = 8, 6
X = RNG.normal(size=(N, C)).astype(np.float32)
VECTOR = RNG.normal(size=C).astype(np.float32)
POSITIVE = np.abs(VECTOR) + 0.1
MATRIX = RNG.normal(size=(C, 3)).astype(np.float32)


def model_of(
    nodes: list[Any],
    constants: dict[str, Any],
    *,
    opset: int = 20,
    kind: int = TensorProto.FLOAT,
    shape: Any = ("n", C),
) -> Any:
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("y", kind, None)],
        [numpy_helper.from_array(np.asarray(v), name) for name, v in constants.items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def converted(model: Any, trial: Any) -> TorchGraph:
    return torch_graph(model, (Source("x", 0, trial.shape[1]),), "y", trial)


def answer(model: Any, x: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(["y"], {"x": x})[0]


def ints(*values: int) -> Any:
    return np.array(values, dtype=np.int64)


ABS = [helper.make_node("Abs", ["x"], ["a"])]
# operator, further inputs by value, attributes, opset, whether x is made positive first
CASES: list[tuple[str, list[Any], dict[str, Any], int, bool]] = [
    *[(op, [VECTOR], {}, 20, False) for op in ("Add", "Sub", "Mul", "Div", "Max", "Min", "Sum")],
    *[
        (op, [], {}, 20, False)
        for op in (
            "Neg",
            "Abs",
            "Exp",
            "Erf",
            "Sin",
            "Cos",
            "Relu",
            "Sigmoid",
            "Tanh",
            "Softplus",
            "Softsign",
            "Mish",
            "HardSwish",
            "Identity",
            "Reciprocal",
            "LeakyRelu",
            "Elu",
            "Celu",
            "Selu",
            "Gelu",
            "HardSigmoid",
            "Softmax",
            "LogSoftmax",
            "Flatten",
            "Transpose",
            "Dropout",
            "Squeeze",
            "ReduceSum",
            "ReduceMean",
            "ReduceMax",
            "ReduceMin",
            "ReduceSumSquare",
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSumExp",
        )
    ],
    ("Sqrt", [], {}, 20, True),
    ("Log", [], {}, 20, True),
    ("Pow", [np.float32(1.7)], {}, 20, True),
    ("Pow", [np.int64(3)], {}, 20, False),
    ("Celu", [], {"alpha": 0.7}, 20, False),
    ("Elu", [], {"alpha": 0.3}, 20, False),
    ("Selu", [], {"alpha": 1.3, "gamma": 0.9}, 20, False),
    ("Gelu", [], {"approximate": "tanh"}, 20, False),
    ("HardSigmoid", [], {"alpha": 0.3, "beta": 0.4}, 20, False),
    ("LeakyRelu", [], {"alpha": 0.3}, 20, False),
    ("PRelu", [VECTOR], {}, 20, False),
    ("Clip", [np.float32(-0.5), np.float32(0.6)], {}, 20, False),
    ("Clip", [None, np.float32(0.6)], {}, 20, False),
    ("Clip", [], {}, 20, False),
    ("Clip", [], {"min": -0.4, "max": 0.4}, 10, False),
    ("Softmax", [], {"axis": 0}, 20, False),
    ("Softmax", [], {}, 11, False),
    ("Softmax", [], {"axis": 0}, 11, False),
    ("LogSoftmax", [], {"axis": -1}, 11, False),
    ("MatMul", [MATRIX], {}, 20, False),
    ("Gemm", [MATRIX, MATRIX[0]], {}, 20, False),
    ("Gemm", [MATRIX.T], {"transB": 1, "alpha": 0.5}, 20, False),
    (
        "Gemm",
        [RNG.normal(size=(N, 3)).astype(np.float32), VECTOR[:, None]],
        {"transA": 1, "beta": 0.3},
        20,
        False,
    ),
    ("Cast", [], {"to": TensorProto.FLOAT}, 20, False),
    ("Flatten", [], {"axis": 0}, 20, False),
    ("Flatten", [], {"axis": -1}, 20, False),
    ("Reshape", [ints(0, 2, -1)], {}, 20, False),
    ("Unsqueeze", [ints(-1, 0)], {}, 20, False),
    ("Unsqueeze", [], {"axes": [1]}, 11, False),
    ("Squeeze", [], {}, 11, False),
    ("Transpose", [], {"perm": [1, 0]}, 20, False),
    ("Concat", [MATRIX[:1].repeat(N, axis=0)], {"axis": -1}, 20, False),
    ("Expand", [ints(2, 1, C)], {}, 20, False),
    ("Slice", [ints(1), ints(9999), ints(1), ints(2)], {}, 20, False),
    ("Slice", [ints(-1), ints(-9999), ints(-1), ints(-2)], {}, 20, False),
    ("Slice", [ints(0, 1), ints(4, -1)], {}, 20, False),
    ("Slice", [], {"starts": [1], "ends": [3], "axes": [1]}, 9, False),
    ("Gather", [ints(3, -1, 0)], {"axis": 1}, 20, False),
    ("Gather", [np.int64(2)], {"axis": -1}, 20, False),
    ("Split", [ints(2, 4)], {"axis": 1}, 20, False),
    ("Split", [], {"axis": 1, "num_outputs": 2}, 20, False),
    ("Split", [], {"axis": 1, "split": [1, 5]}, 11, False),
    ("ReduceSum", [ints(1)], {"keepdims": 0}, 20, False),
    ("ReduceSum", [ints()], {"noop_with_empty_axes": 1}, 20, False),
    ("ReduceSum", [], {"axes": [1]}, 11, False),
    ("ReduceMean", [ints(-1)], {}, 20, False),
    ("ReduceMax", [], {"axes": [1], "keepdims": 0}, 13, False),
    ("ReduceLogSumExp", [], {"axes": [1], "keepdims": 1}, 13, False),
    ("BatchNormalization", [VECTOR, VECTOR, VECTOR, POSITIVE], {"epsilon": 1e-3}, 20, False),
    ("LayerNormalization", [VECTOR, VECTOR], {}, 20, False),
    ("LayerNormalization", [VECTOR], {"axis": 1, "epsilon": 1e-2}, 20, False),
    ("Scaler", [], {"offset": VECTOR.tolist(), "scale": POSITIVE.tolist()}, 20, False),
    ("Scaler", [], {"offset": [0.5], "scale": [2.0]}, 20, False),
    *[("Normalizer", [], {"norm": norm}, 20, False) for norm in ("L1", "L2")],
    ("Normalizer", [], {"norm": "MAX"}, 20, True),
    ("ArrayFeatureExtractor", [ints(4, 0)], {}, 20, False),
    ("FeatureVectorizer", [], {"inputdimensions": [C]}, 20, False),
]
CLASSIC = ("Scaler", "Normalizer", "ArrayFeatureExtractor", "FeatureVectorizer", "LinearClassifier")


def case_model(
    op: str, values: list[Any], attributes: dict[str, Any], opset: int, positive: bool
) -> Any:
    names = [f"c{i}" if v is not None else "" for i, v in enumerate(values)]
    outputs = ["unused", "y"] if op == "Split" else ["y"]
    node = helper.make_node(
        op,
        ["a" if positive else "x", *names],
        outputs,
        domain="ai.onnx.ml" if op in CLASSIC else "",
        **attributes,
    )
    constants = {n: v for n, v in zip(names, values, strict=True) if v is not None}
    return model_of([*(ABS if positive else []), node], constants, opset=opset)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0]}-{len(c[1])}-{c[3]}")
def test_an_operator_gives_what_onnxruntime_gives(
    case: tuple[str, list[Any], dict[str, Any], int, bool],
) -> None:
    model = case_model(*case)
    told = answer(model, X)
    graph = converted(model, X)
    found = graph(torch.from_numpy(X)).numpy()
    assert found.shape == told.shape
    assert found.dtype == told.dtype
    np.testing.assert_allclose(found, told, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("op", ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"])
def test_a_comparison_chooses_what_onnxruntime_chooses(op: str) -> None:
    nodes = [
        helper.make_node(op, ["x", "zero"], ["is"]),
        helper.make_node(op, ["x", "one"], ["other"]),
        helper.make_node("Or", ["is", "other"], ["either"]),
        helper.make_node("And", ["either", "is"], ["both"]),
        helper.make_node("Not", ["both"], ["not"]),
        helper.make_node("Mul", ["x", "two"], ["twice"]),
        helper.make_node("Where", ["not", "x", "twice"], ["y"]),
    ]
    constants = {"zero": np.float32(0), "one": np.float32(1), "two": np.float32(2)}
    model = model_of(nodes, constants)
    x = X.copy()
    x[0], x[1] = 0, 1
    found = converted(model, x)(torch.from_numpy(x)).numpy()
    np.testing.assert_array_equal(found, answer(model, x))


def test_a_shape_that_the_graph_computes_is_followed() -> None:
    nodes = [
        helper.make_node("Shape", ["x"], ["rows"], start=0, end=1),
        helper.make_node("Constant", [], ["two"], value_ints=[2, 3]),
        helper.make_node("Concat", ["rows", "two"], ["shape"], axis=0),
        helper.make_node("Reshape", ["x", "shape"], ["cube"]),
        helper.make_node("Constant", [], ["half"], value_float=0.5),
        helper.make_node("Mul", ["cube", "half"], ["y"]),
    ]
    model = model_of(nodes, {})
    graph = converted(model, X[:3])
    np.testing.assert_array_equal(graph(torch.from_numpy(X)).numpy(), answer(model, X))


@pytest.mark.parametrize("transform", ["NONE", "LOGISTIC", "SOFTMAX"])
def test_a_linear_classifier_gives_what_onnxruntime_gives(transform: str) -> None:
    node = helper.make_node(
        "LinearClassifier",
        ["x"],
        ["label", "y"],
        domain="ai.onnx.ml",
        coefficients=MATRIX.T.ravel().tolist(),
        intercepts=[0.1, 0.2, -0.3],
        classlabels_ints=[4, 5, 6],
        post_transform=transform,
    )
    model = model_of([node], {})
    found = converted(model, X)(torch.from_numpy(X)).numpy()
    np.testing.assert_allclose(found, answer(model, X), rtol=1e-5, atol=1e-6)


def test_every_operator_that_is_converted_is_compared_here() -> None:
    compared = {case[0] for case in CASES} | {
        "Equal",
        "Greater",
        "GreaterOrEqual",
        "Less",
        "LessOrEqual",
        "And",
        "Or",
        "Not",
        "Where",
        "Shape",
        "LinearClassifier",
    }
    assert compared == set(OPERATORS)


class Net(nn.Module):
    """A net with two normalisations, a residual block and two kinds of activation."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Linear(C, 10), nn.BatchNorm1d(10)
        self.layer, self.second = nn.LayerNorm(10), nn.Linear(10, 10)
        self.last = nn.Linear(10, 3)
        self.norm.running_mean = torch.randn(10)
        self.norm.running_var = torch.rand(10) + 0.5

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = nn.functional.gelu(self.norm(self.first(x)))
        h = h + torch.tanh(self.second(self.layer(h)))
        return torch.as_tensor(self.last(h))


def exported(net: Net, kind: int, activation: str) -> Any:
    """The net as torch would export it, except for its first activation."""
    nodes = [
        helper.make_node("Gemm", ["x", "first.weight", "first.bias"], ["f"], transB=1),
        helper.make_node(
            "BatchNormalization",
            ["f", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"],
            ["b"],
            epsilon=1e-5,
        ),
        helper.make_node(activation, ["b"], ["h"]),
        helper.make_node("LayerNormalization", ["h", "layer.weight", "layer.bias"], ["l"]),
        helper.make_node("Gemm", ["l", "second.weight", "second.bias"], ["s"], transB=1),
        helper.make_node("Tanh", ["s"], ["t"]),
        helper.make_node("Add", ["h", "t"], ["r"]),
        helper.make_node("Gemm", ["r", "last.weight", "last.bias"], ["y"], transB=1),
    ]
    weights = {name: t.numpy() for name, t in net.state_dict().items() if t.is_floating_point()}
    return model_of(nodes, weights, kind=kind)


def test_the_gradient_is_that_of_the_module_that_was_exported() -> None:
    torch.manual_seed(0)
    net = Net().eval()
    graph = converted(exported(net, TensorProto.FLOAT, "Gelu"), X)
    gradients = []
    for function in (net, graph):
        x = torch.from_numpy(X).requires_grad_(True)
        weight = torch.linspace(-1, 1, 3 * N).reshape(N, 3)
        gradients.append(torch.autograd.grad((function(x) * weight).sum(), x)[0].numpy())
    np.testing.assert_allclose(gradients[1], gradients[0], rtol=1e-5, atol=1e-6)


def test_the_gradient_is_the_slope_of_what_onnxruntime_computes_in_float64() -> None:
    torch.manual_seed(1)
    # onnxruntime has no Gelu of float64
    model = exported(Net().double().eval(), TensorProto.DOUBLE, "Sigmoid")
    wide = X.astype(np.float64)
    graph = converted(model, wide)
    x = torch.from_numpy(wide).requires_grad_(True)
    (gradient,) = torch.autograd.grad(graph(x)[:, 1].sum(), x)
    for column in range(C):
        step = np.zeros(C)
        step[column] = 1e-6
        slope = (answer(model, wide + step)[:, 1] - answer(model, wide - step)[:, 1]) / 2e-6
        np.testing.assert_allclose(gradient[:, column].numpy(), slope, rtol=1e-5, atol=1e-7)


def reason(nodes: list[Any], **constants: Any) -> str:
    with pytest.raises(NotApplicableError) as raised:
        converted(model_of(nodes, constants), X)
    return str(raised.value)


def test_what_has_no_gradients_is_told_from_what_has_no_conversion() -> None:
    tree = helper.make_node("TreeEnsembleClassifier", ["x"], ["l", "y"], domain="ai.onnx.ml")
    assert reason([tree]) == "its graph contains TreeEnsembleClassifier, which has no gradients"
    topk = helper.make_node("TopK", ["x", "k"], ["y", "at"])
    assert "operator TopK, which cannot be converted" in reason([topk], k=ints(2))
    own = helper.make_node("Gelu", ["x"], ["y"], domain="com.microsoft")
    assert "operator com.microsoft.Gelu" in reason([own])


def test_a_graph_that_lets_no_gradient_through_has_none() -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Cast", ["whole"], ["y"], to=TensorProto.FLOAT),
    ]
    assert reason(nodes) == "no gradient reaches the input of its graph"


def test_nodes_that_the_scores_do_not_need_are_not_converted() -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["y"]),
        helper.make_node("ArgMax", ["y"], ["label"]),
    ]
    graph = converted(model_of(nodes, {}), X)
    assert [node.operator for node in graph.nodes] == ["Relu"]


@pytest.mark.parametrize(
    ("node", "part"),
    [
        (helper.make_node("Cast", ["x"], ["y"], to=TensorProto.STRING), "not a type of numbers"),
        (helper.make_node("Dropout", ["x", "", "yes"], ["y"]), "Dropout is active"),
        (helper.make_node("Reshape", ["x", "shape"], ["y"]), "cannot be computed with torch"),
        (
            helper.make_node(
                "LinearClassifier",
                ["x"],
                ["l", "y"],
                domain="ai.onnx.ml",
                coefficients=[1.0] * C,
                intercepts=[0.0],
                classlabels_ints=[0, 1],
            ),
            "one score for two classes",
        ),
        (
            helper.make_node(
                "LinearClassifier",
                ["x"],
                ["l", "y"],
                domain="ai.onnx.ml",
                coefficients=[1.0] * 2 * C,
                intercepts=[0.0] * 2,
                classlabels_ints=[0, 1],
                post_transform="PROBIT",
            ),
            "post_transform PROBIT",
        ),
        (
            helper.make_node(
                "BatchNormalization", ["x", *["v"] * 4], ["y", "m", "w"], training_mode=1
            ),
            "training mode",
        ),
        (helper.make_node("Add", ["x", "text"], ["y"]), "processes texts"),
    ],
)
def test_a_node_beyond_the_conversion_is_a_reason_not_a_crash(node: Any, part: str) -> None:
    constants = {"yes": np.array(True), "shape": ints(5, 5), "v": VECTOR}
    text = np.array(["a"], dtype=object)
    assert part in reason([node], text=text, **constants)


def test_functions_of_the_model_itself_are_followed() -> None:
    body = [helper.make_node("Relu", ["a"], ["half"]), helper.make_node("Neg", ["half"], ["b"])]
    opsets = [helper.make_opsetid("", 20)]
    function = helper.make_function("own", "Block", ["a"], ["b"], body, opsets)
    model = model_of([helper.make_node("Block", ["x"], ["y"], domain="own")], {})
    model.functions.append(function)
    model.opset_import.append(helper.make_opsetid("own", 1))
    found = converted(model, X)(torch.from_numpy(X)).numpy()
    np.testing.assert_array_equal(found, answer(model, X))
