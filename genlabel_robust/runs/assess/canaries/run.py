"""The attacks of a run on models whose margins are known: they prove themselves.

The records are part of a run's fingerprint: an attack that works on a canary worse than
it did is not the same attack, whatever its settings say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from genlabel_robust.attacks.attack import Attack, Outcome
from genlabel_robust.core.arrays import BoolArray, FloatArray
from genlabel_robust.core.threads import one_thread
from genlabel_robust.runs.assess.attacking import attack_model
from genlabel_robust.runs.assess.canaries.affine import affine_canary
from genlabel_robust.runs.assess.canaries.canary import Canary
from genlabel_robust.runs.assess.canaries.forest import forest_canary
from genlabel_robust.threat.threat_model import Knowledge, Norm, ThreatModel, within

#: The canary that stands for models of which an attacker can ask so much.
CANARY_OF: dict[Knowledge, str] = {
    "gradients": "affine",
    "scores": "forest",
    "decisions": "forest-by-labels",
}


@one_thread()
def run_canaries(
    attacks: tuple[Attack, ...], norm: Norm, asked: Iterable[Knowledge]
) -> dict[str, Any]:
    """Return by name the records of the canaries of a run.

    ``asked``: what an attacker can ask of its models. The affine canary is always among
    them: it has every kind of attack prove itself, and any two runs have it in common.
    """
    needed = {"affine", *(CANARY_OF[knowledge] for knowledge in asked)}
    makes: dict[str, Callable[[], Canary]] = {
        "affine": lambda: affine_canary(norm),
        "forest": lambda: forest_canary(norm, "scores"),
        "forest-by-labels": lambda: forest_canary(norm, "decisions"),
    }
    return {name: _record(make(), attacks, norm) for name, make in makes.items() if name in needed}


def _record(canary: Canary, attacks: tuple[Attack, ...], norm: Norm) -> dict[str, Any]:
    """Attack a canary at the median of its exact margins.

    Returns "eps"; "broken": the share, of the examples that can be broken there, that the
    attacks together break; and for each attack its own share, "lost" successes, points
    "outside" the ball, and the median of its distances over the exact ones. A share is None
    where nothing could work on the canary, the median also where nothing was broken.
    """
    exact, y = canary.exact, canary.model.predict(canary.raw)
    eps = float(np.median(exact))
    # an example whose exact distance is ε itself is broken or not by rounding
    breakable = exact <= eps * (1 - 1e-3)
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
    record: dict[str, Any] = {
        "eps": eps,
        "broken": _share(attacked.nearest, eps, breakable) if able.any() else None,
    }
    record["attacks"] = {
        attack.name: {
            "broken": _share(found, eps, breakable) if applies else None,
            "median_ratio": _median(found / exact),
            "lost": int(attacked.evidence.get(attack.name, {}).get("lost", 0)),
            "outside": int(attacked.evidence.get(attack.name, {}).get("outside", 0)),
        }
        for attack, found, applies in zip(attacks, attacked.distances, able, strict=True)
    }
    return record


def _share(distances: FloatArray, eps: float, breakable: BoolArray) -> float:
    return float(within(distances, eps)[breakable].mean())


def _median(ratios: FloatArray) -> float | None:
    found = ratios[np.isfinite(ratios)]
    return float(np.median(found)) if len(found) else None
