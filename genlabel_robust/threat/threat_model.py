"""The threat model: what the attacker may change, by how much, and what they know."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from genlabel_robust.core import BoolArray, ConfigurationError, FloatArray, unknown_name
from genlabel_robust.threat.budgets import LARGEST, SMALLEST
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.norms import NORMS, PRICED, UNITS, Norm, Unit

#: By which share of ε a perturbation may exceed ε and still count as within it: attacks compute in
#: float32, and their points are stored as raw features.
TOLERANCE = 1e-5


@dataclass(frozen=True)
class ThreatModel:
    """A ball of radius ``eps`` in ``norm`` around each example, within the box and constraints.

    ``norm``: "linf", "l2", "l1" or "l0". ``eps``: the budgets of the run, ascending, each > 0.
    Under "l0" they are whole numbers of features, or amounts to spend if features have costs;
    otherwise they are in ``unit``: "range" (each feature's training range), "global-range" (the
    single range over all scaled training features, the paper's), "std" (each feature's training
    standard deviation) or "raw". ``constraints``: limits on single features. Raises
    ``ConfigurationError`` for anything else.
    """

    norm: Norm
    eps: tuple[float, ...]
    unit: Unit = "range"
    constraints: Constraints = field(default_factory=Constraints)

    def __post_init__(self) -> None:
        if self.norm not in NORMS:
            raise unknown_name("norm", str(self.norm), NORMS)
        if self.unit not in UNITS:
            raise unknown_name("unit of ε", str(self.unit), UNITS)
        if self.constraints.costs and self.norm not in PRICED:
            raise ConfigurationError(
                f"the norm is {self.norm!r}, but features have costs, which do not add up under "
                f"this norm; with costs, the norm must be {' or '.join(map(repr, PRICED))}"
            )
        if not self.eps:
            raise ConfigurationError("no ε is given; give at least one, such as --eps 0.1")
        for eps in self.eps:
            if not SMALLEST <= eps <= LARGEST:
                raise ConfigurationError(
                    f"eps is {eps}; it must be a number above 0, at least {SMALLEST:g} and at most "
                    f"{LARGEST:g}"
                )
        object.__setattr__(self, "eps", tuple(sorted(set(self.eps))))
        self._refuse_of_norm()

    @property
    def own_budgets(self) -> bool:
        """Whether some features have their own budgets, so that ε alone is not informative."""
        return bool(self.constraints.weights or self.constraints.units)

    def _refuse_of_norm(self) -> None:
        """Refuse constraints without a meaning under the norm, and drop those for other norms."""
        limits = self.constraints
        if self.norm != "l0":
            if {*limits.own_eps} - {*limits.weights}:
                raise ConfigurationError(
                    f"own_eps works only with the norm 'l0', but the norm is {self.norm!r}; give "
                    "the feature a weight instead"
                )
            if limits.own_eps:
                object.__setattr__(self, "constraints", replace(limits, own_eps={}))
            return
        odd = [eps for eps in self.eps if eps != int(eps)]
        if odd and not limits.costs:
            raise ConfigurationError(
                f"eps is {odd[0]:g}, but under the norm l0 it is the number of features that may "
                "change; it must be a whole number, such as --eps 1, unless features have costs"
            )
        lost = [name for name in limits.weights if name not in limits.own_eps]
        if lost:
            raise ConfigurationError(
                f"feature {lost[0]!r} has a weight, which has no meaning under the norm l0, where "
                "eps is a number of features; give own_eps, how far the feature may move at most, "
                "or its eps in a threat file"
            )
        if limits.weights:
            object.__setattr__(self, "constraints", replace(limits, weights={}))

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Return the threat that ``as_dict`` wrote; raises ``ConfigurationError`` otherwise."""
        limits = Constraints.of(found.get("constraints", {}))
        threat = cls(found["norm"], tuple(found["eps"]), found["unit"], limits)
        if [*threat.eps] != found["eps"]:
            raise ConfigurationError("its budgets are not in ascending order")
        return threat

    def as_dict(self) -> dict[str, Any]:
        """Return the threat as plain JSON values; "constraints" only if there are any."""
        plain = {"norm": self.norm, "eps": list(self.eps), "unit": self.unit}
        return plain | ({"constraints": self.constraints.as_dict()} if self.constraints else {})


def distance(delta: FloatArray, norm: Norm) -> FloatArray:
    """Return the length of each perturbation; ``delta``: (..., d) -> (...).

    Raises ``ValueError`` under L0, where lengths count features, which can have several columns:
    see ``AttackSpace.length``.
    """
    if norm == "l0":
        raise ValueError("under L0 an attack space tells how long a perturbation is")
    if norm == "linf":
        return np.asarray(np.abs(delta).max(axis=-1, initial=0.0))
    if norm == "l1":
        return np.asarray(np.abs(delta).sum(axis=-1))
    return np.asarray(np.linalg.norm(delta, axis=-1))


def within(distances: FloatArray, eps: float) -> BoolArray:
    """Mark the distances that are within the budget, up to ``TOLERANCE``.

    The only definition of "broken at ε", for distances of attacks and for exact distances.
    """
    return np.asarray(distances <= eps * (1 + TOLERANCE))
