"""Nets of scikit-learn: ``MLPClassifier`` with ReLUs."""

from typing import Any

import numpy as np

from genlabel_robust.models.structures.net_front import through
from genlabel_robust.structure import FLOAT32, FLOAT64, Front, Structure, UnreadError
from genlabel_robust.structure.layer_chain import LayerChain


def read(model: Any, front: Front) -> Structure:
    """Return the structure of a fitted ``MLPClassifier``; for two classes the scores are 0 and z.

    It predicts by the largest softmax, or by a sigmoid above 1/2.
    """
    if model.activation not in ("relu", "identity"):
        raise UnreadError(f"the net's activation is {model.activation!r}, and not 'relu'")
    if model.out_activation_ not in ("softmax", "logistic"):
        raise UnreadError(f"the net's output is {model.out_activation_!r}")
    k = len(model.classes_)
    if model.n_outputs_ not in ({1} if k == 2 else {k}):
        raise UnreadError(f"the net has {model.n_outputs_} outputs, and {k} classes")
    steps = LayerChain(int(front.starts[-1]))
    through(steps, front)
    types = set()
    for number, (weight, bias) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        types |= {weight.dtype, bias.dtype}
        steps.linear(np.asarray(weight, dtype=np.float64).T, np.asarray(bias, dtype=np.float64))
        if model.activation == "relu" and number < len(model.coefs_) - 1:
            steps.relu()
    if model.n_outputs_ == 1:
        steps.linear(np.array([[0.0], [1.0]]))
    single = front.single or np.dtype(np.float32) in types
    return steps.structure(FLOAT32 if single else FLOAT64)
