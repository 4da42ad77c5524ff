"""The canary for models with gradients: affine, with margins in closed form."""

from __future__ import annotations

import numpy as np

from genlabel_robust.certify.affine.distance import exact_distance
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.chain import Chain
from genlabel_robust.models.model import TorchModel
from genlabel_robust.runs.assess.canaries.canary import Canary, unit_cube
from genlabel_robust.threat.threat_model import Norm

_ROWS, _FEATURES, _CLASSES = 30, 6, 3


def affine_canary(norm: Norm) -> Canary:
    """Return an affine model of six features and three classes."""
    rng = generator(0, "canary")
    raw = rng.uniform(0.0, 1.0, (_ROWS, _FEATURES))
    architecture = Chain("canary", (), relu=False, learning_rate=0.1)
    layers = architecture.initialise(_FEATURES, _CLASSES, rng)
    model = TorchModel(
        architecture.module(layers),
        Scaling("range", np.zeros(_FEATURES), np.ones(_FEATURES)),
        _CLASSES,
    )
    ((weight, bias),) = layers
    affine = weight.T.astype(np.float64), bias.astype(np.float64)
    box = unit_cube(_FEATURES).box(raw)
    exact = exact_distance(*affine, raw, model.predict(raw), *box, norm)
    return Canary(model, raw, exact, rng.uniform(0.0, 1.0, (60, _FEATURES)))
