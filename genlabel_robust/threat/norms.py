"""Names of threats: norms, units of ε, and the attacker's knowledge of the model."""

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
#: The norms under which costs add up; the first is the default for a ``[budget]``.
PRICED: tuple[Norm, ...] = ("l1", "l0")


def gives(offered: Knowledge, needed: Knowledge) -> bool:
    """Return whether a model that offers ``offered`` provides the knowledge ``needed``."""
    return _LEVELS[offered] >= _LEVELS[needed]


def of_norm(constraints: Any, norm: str | None) -> Any:
    """Return the table ``constraints`` without entries that concern other norms.

    A threat file states a feature's own ε in two forms: as a weight, and as a distance for L0,
    where ε is a number of features.
    """
    if norm == "l0" or not isinstance(constraints, Mapping) or "own_eps" not in constraints:
        return constraints
    return {kind: value for kind, value in constraints.items() if kind != "own_eps"}
