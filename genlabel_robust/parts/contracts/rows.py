"""Small data sets and attack targets for checking contracts."""

import numpy as np

from genlabel_robust.core import Float32Array, IntArray, generator
from genlabel_robust.data import Scaling
from genlabel_robust.models import TorchModel
from genlabel_robust.models.nets.chain import Chain
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import AttackSpace


def three_classes(n: int = 150, seed: int = 0) -> tuple[Float32Array, IntArray]:
    """Return rows (n, 4) of three linearly separable classes, and their labels (n,)."""
    rng = generator(seed, "contract rows")
    y = np.arange(n) % 3
    centres = np.array([[-2.0, 0.0, 1.0, 0.0], [0.0, 2.0, 0.0, -1.0], [2.0, -1.0, -1.0, 1.0]])
    x = centres[y] + 0.5 * rng.standard_normal((n, 4))
    return x.astype(np.float32), y.astype(np.int64)


def target(
    n: int = 20, widths: tuple[int, ...] = (), immutable: tuple[int, ...] = (), seed: int = 0
) -> AttackTarget:
    """Return a target: a random net, and ``n`` rows of 5 features in the unit box.

    The labels are the net's own predictions. ``widths``: of its hidden layers, empty for an affine
    model. ``immutable``: features that the attacker may not change.
    """
    rng, d, k = generator(seed, "contract target"), 5, 3
    architecture = Chain("contract", widths, relu=True, learning_rate=0.1)
    layers = tuple(
        (weight * np.float32(4), bias) for weight, bias in architecture.initialise(d, k, rng)
    )
    scaling = Scaling("range", np.zeros(d), np.ones(d))
    model = TorchModel(architecture.module(layers), scaling, k)
    space = AttackSpace(
        offset=np.zeros(d),
        scale=np.ones(d),
        low=np.zeros(d),
        high=np.ones(d),
        mutable=~np.isin(np.arange(d), immutable),
    )
    raw = rng.uniform(0.0, 1.0, (n, d))
    return AttackTarget(model, space, raw, model.predict(raw), rng.uniform(0, 1, (60, d)))
