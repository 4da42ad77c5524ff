"""The attacks of a run on models whose margins are known: they prove themselves.

The records are part of a run's fingerprint: an attack that works on a canary worse than
it did is not the same attack, whatever its settings say.
"""

from collections.abc import Callable, Iterable

import numpy as np

from genlabel_robust.attacks.attack import Attack, Outcome
from genlabel_robust.certify.affine.distance import exact_distance
from genlabel_robust.core import BoolArray, FloatArray, generator, one_thread
from genlabel_robust.data import Scaling
from genlabel_robust.models import TorchModel
from genlabel_robust.models.nets.chain import Chain
from genlabel_robust.runs.assess.attacking import attack_model
from genlabel_robust.runs.assess.canaries.canary import Canary, unit_cube
from genlabel_robust.runs.assess.canaries.forest import forest_canary
from genlabel_robust.runs.cells.canary_record import AttackOnCanary, CanaryRecord
from genlabel_robust.threat import Knowledge, Norm, ThreatModel, within

#: The canary that stands for models of which an attacker can ask so much.
CANARY_OF: dict[Knowledge, str] = {
    "gradients": "affine",
    "scores": "forest",
    "decisions": "forest-by-labels",
}

_ROWS, _FEATURES, _CLASSES = 30, 6, 3


@one_thread()
def run_canaries(
    attacks: tuple[Attack, ...], norm: Norm, asked: Iterable[Knowledge]
) -> dict[str, CanaryRecord]:
    """Return by name the records of the canaries of a run.

    ``asked``: what an attacker can ask of its models. The affine canary is always among
    them: it has every kind of attack prove itself, and any two runs have it in common.
    """
    needed = {"affine", *(CANARY_OF[knowledge] for knowledge in asked)}
    makes: dict[str, Callable[[], Canary]] = {
        "affine": lambda: _affine_canary(norm),
        "forest": lambda: forest_canary(norm, "scores"),
        "forest-by-labels": lambda: forest_canary(norm, "decisions"),
    }
    return {name: _record(make(), attacks, norm) for name, make in makes.items() if name in needed}


def _record(canary: Canary, attacks: tuple[Attack, ...], norm: Norm) -> CanaryRecord:
    """Attack a canary at the median of its exact margins."""
    exact, y = canary.exact, canary.model.predict(canary.raw)
    eps = float(np.median(exact))
    # an example whose exact distance is ε itself is broken or not by rounding
    breakable = exact <= eps * (1 - 1e-3)
    if norm == "l0":  # where distances are numbers of features, which nothing rounds
        eps = max(float(np.floor(eps)), 1.0)
        breakable = exact <= eps
    attacked = attack_model(
        canary.model,
        canary.space,
        canary.raw,
        y,
        canary.pool,
        ThreatModel(norm, (eps,)),
        attacks,
        0,
        watch=True,
    )
    able = ~(attacked.outcomes == Outcome.NOT_APPLICABLE).any(axis=1)
    applicable = zip(attacks, attacked.distances, able, strict=True)
    return CanaryRecord(
        eps,
        _share(attacked.nearest, eps, breakable) if able.any() else None,
        {
            attack.name: AttackOnCanary(
                _share(found, eps, breakable) if applies else None,
                _median(found / exact),
                lost=int(attacked.evidence.get(attack.name, {}).get("lost", 0)),
                outside=int(attacked.evidence.get(attack.name, {}).get("outside", 0)),
            )
            for attack, found, applies in applicable
        },
    )


def _share(distances: FloatArray, eps: float, breakable: BoolArray) -> float:
    return float(within(distances, eps)[breakable].mean())


def _median(ratios: FloatArray) -> float | None:
    found = ratios[np.isfinite(ratios)]
    return float(np.median(found)) if len(found) else None


def _affine_canary(norm: Norm) -> Canary:
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
