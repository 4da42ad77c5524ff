"""The attacks of a run on canaries, whose margins are known, as a test of the attacks.

The records are part of a run's fingerprint: an attack that works worse on a canary than before is
a different attack, even if its settings are the same.
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

#: The canary for models that offer each kind of knowledge.
CANARY_OF: dict[Knowledge, str] = {
    "gradients": "affine",
    "scores": "forest",
    "decisions": "forest-by-labels",
}

_ROWS, _FEATURES, _CLASSES = 30, 6, 3


@one_thread()
def run_canaries(
    attacks: tuple[Attack, ...], norm: Norm, offered: Iterable[Knowledge]
) -> dict[str, CanaryRecord]:
    """Return the records of a run's canaries by name.

    ``offered``: the knowledge that the run's models offer. The affine canary is always included,
    because every kind of attack works on it, and so that any two runs have a canary in common.
    """
    needed = {"affine", *(CANARY_OF[knowledge] for knowledge in offered)}
    makes: dict[str, Callable[[], Canary]] = {
        "affine": lambda: _affine_canary(norm),
        "forest": lambda: forest_canary(norm, "scores"),
        "forest-by-labels": lambda: forest_canary(norm, "decisions"),
    }
    return {name: _record(make(), attacks, norm) for name, make in makes.items() if name in needed}


def _record(canary: Canary, attacks: tuple[Attack, ...], norm: Norm) -> CanaryRecord:
    """Attack a canary at the median of its exact margins, and return the record."""
    exact, y = canary.exact, canary.model.predict(canary.raw)
    eps = float(np.median(exact))
    # rounding decides examples whose exact distance is ε itself
    breakable = exact <= eps * (1 - 1e-3)
    if norm == "l0":  # distances are numbers of features, without rounding
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
