"""The attacks of a run on a model whose margins are known: they prove themselves first.

The record is part of a run's fingerprint: an attack that works on the canary worse than
it did is not the same attack, whatever its settings say.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from genlabel_robust.attacks.attack import Attack
from genlabel_robust.core.seeds import generator
from genlabel_robust.core.space import AttackSpace
from genlabel_robust.core.threat import Norm, ThreatModel, within
from genlabel_robust.data.task import Scaling
from genlabel_robust.evaluation.attacking import attack_model
from genlabel_robust.margins.affine import exact_distance
from genlabel_robust.models.architecture import Architecture
from genlabel_robust.models.model import TorchModel

_ROWS, _FEATURES, _CLASSES = 30, 6, 3


def run_canary(attacks: tuple[Attack, ...], norm: Norm) -> dict[str, Any]:
    """Attack an affine model in a box at the median of its exact margins.

    Returns "eps"; "broken": the share, of the examples that can be broken there, that the
    attacks together break; and for each attack its own share, "lost" successes, points
    "outside" the ball, and the median of its distances over the exact ones (None if it
    broke nothing).
    """
    rng = generator(0, "canary")
    raw = rng.uniform(0.0, 1.0, (_ROWS, _FEATURES))
    architecture = Architecture("canary", (), relu=False, learning_rate=0.1)
    layers = architecture.initialise(_FEATURES, _CLASSES, rng)
    model = TorchModel(
        architecture.module(layers), Scaling("range", np.zeros(_FEATURES), np.ones(_FEATURES)),
        _CLASSES,
    )  # fmt: skip
    space = AttackSpace(
        np.zeros(_FEATURES), np.ones(_FEATURES), np.zeros(_FEATURES), np.ones(_FEATURES),
        np.ones(_FEATURES, dtype=bool),
    )  # fmt: skip
    y = model.predict(raw)
    ((weight, bias),) = layers
    affine = weight.T.astype(np.float64), bias.astype(np.float64)
    exact = exact_distance(*affine, raw, y, *space.box(raw), norm)
    eps = float(np.median(exact))
    # an example whose exact distance is ε itself is broken or not by rounding
    breakable = exact <= eps * (1 - 1e-3)
    pool = rng.uniform(0.0, 1.0, (60, _FEATURES))
    attacked = attack_model(
        model, space, raw, y, pool, ThreatModel(norm, (eps,)), attacks, 0, watch=True
    )
    record: dict[str, Any] = {"eps": eps, "broken": _share(attacked.nearest, eps, breakable)}
    record["attacks"] = {
        attack.name: {
            "broken": _share(found, eps, breakable),
            "median_ratio": _median(found / exact),
            "lost": int(attacked.evidence[attack.name]["lost"]),
            "outside": int(attacked.evidence[attack.name]["outside"]),
        }
        for attack, found in zip(attacks, attacked.distances, strict=True)
    }
    return record


def _share(distances: np.ndarray, eps: float, breakable: np.ndarray) -> float:
    return float(within(distances, eps)[breakable].mean())


def _median(ratios: np.ndarray) -> float | None:
    found = ratios[np.isfinite(ratios)]
    return float(np.median(found)) if len(found) else None
