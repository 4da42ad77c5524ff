"""What threats are called: norms, units of ε, and how much of a model an attacker sees."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

Norm: TypeAlias = Literal["linf", "l2", "l1", "l0"]
Unit: TypeAlias = Literal["range", "global-range", "std", "raw"]
Knowledge: TypeAlias = Literal["decisions", "scores", "gradients"]
_LEVELS: dict[Knowledge, int] = {"decisions": 0, "scores": 1, "gradients": 2}
#: A norm and a radius in attack space.
Ball: TypeAlias = tuple[Norm, float]

NORMS: tuple[str, ...] = get_args(Norm)
UNITS: tuple[str, ...] = get_args(Unit)
#: The norms under which costs add up; the first is that of a budget without a norm.
PRICED: tuple[Norm, ...] = ("l1", "l0")


def gives(offered: Knowledge, asked: Knowledge) -> bool:
    """Say whether a model of which ``offered`` can be asked gives at least ``asked``."""
    return _LEVELS[offered] >= _LEVELS[asked]


def of_norm(constraints: Any, norm: str | None) -> Any:
    """Return the table ``constraints`` without what is said of features for other norms.

    A threat file says a feature's own ε twice: as a weight, and for L0, where ε is a number of
    features, as the distance that it is.
    """
    if norm == "l0" or not isinstance(constraints, Mapping) or "own_eps" not in constraints:
        return constraints
    return {kind: value for kind, value in constraints.items() if kind != "own_eps"}
