"""Differentiable operators of ONNX's domain for classic models (ai.onnx.ml), in torch."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from genlabel_robust.model_files.onnx.operators.node import Node, Unconverted


def _scaler(node: Node, x: Tensor) -> Tensor:
    offset = x.new_tensor(node.get("offset", [0.0]), dtype=torch.float32)
    scale = x.new_tensor(node.get("scale", [1.0]), dtype=torch.float32)
    return (x - offset).float() * scale


def _normalizer(node: Node, x: Tensor) -> Tensor:
    x = x.float()
    norm = node.get("norm", b"MAX").decode()
    if norm == "L1":
        size = x.abs().sum(-1, keepdim=True)
    elif norm == "L2":
        size = torch.sqrt((x**2).sum(-1, keepdim=True))
    else:
        size = x.amax(-1, keepdim=True)
    # a row of zeros stays zero
    return x / torch.where(size == 0, torch.ones_like(size), size)


def _linear_classifier(node: Node, x: Tensor) -> tuple[None, Tensor]:
    labels = node.get("classlabels_ints", None) or node.get("classlabels_strings", None) or ()
    bias = torch.tensor(node.get("intercepts", [0.0]))
    if len(labels) != len(bias):
        raise Unconverted("its LinearClassifier has only one score for two classes")
    weight = torch.tensor(node.get("coefficients", [])).reshape(len(bias), -1)
    scores = x.float() @ weight.T + bias
    transform = node.get("post_transform", b"NONE").decode()
    if transform == "NONE":
        return None, scores
    if transform == "LOGISTIC":
        return None, torch.sigmoid(scores)
    if transform == "SOFTMAX":
        return None, torch.softmax(scores, dim=-1)
    raise Unconverted(f"its LinearClassifier has the post_transform {transform}")


CLASSIC: Mapping[str, Callable[..., Any]] = {
    "Scaler": _scaler,
    "Normalizer": _normalizer,
    "LinearClassifier": _linear_classifier,
    "ArrayFeatureExtractor": lambda _, x, indices: x[..., indices.flatten().long()],
    "FeatureVectorizer": lambda _, *tensors: torch.cat([t.float() for t in tensors], dim=1),
}
