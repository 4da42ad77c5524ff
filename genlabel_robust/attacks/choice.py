"""The conditions under which a suite runs an attack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from genlabel_robust.core import ConfigurationError, unknown_name

if TYPE_CHECKING:
    from genlabel_robust.attacks.attack import Attack
    from genlabel_robust.targets.target import AttackTarget

#: The conditions that a suite may state for an attack, and the models that each one selects.
CASES = {
    "no gradients": "models without gradients",
    "no scores": "models that give labels alone",
    "discrete features": "tables with whole numbers or categories that may change",
}

#: For each attack with conditions: its cases, any of which suffices.
When: TypeAlias = Mapping[str, tuple[str, ...]]


def read_cases(value: Any, attack: str, origin: str) -> tuple[str, ...]:
    """Return the cases that a suite states for ``attack``, or raise ``ConfigurationError``."""
    if not isinstance(value, list) or not value:
        raise ConfigurationError(
            f"suite file {origin}: 'when' of attack {attack!r} is {value!r}; it must be a list of "
            f"one or more of {', '.join(map(repr, CASES))}, any of which suffices"
        )
    for case in value:
        if case not in CASES:
            raise unknown_name(
                "case", str(case), CASES, where=f"of 'when' (attack {attack!r}, {origin})"
            )
    return tuple(dict.fromkeys(value))


def chosen(attack: Attack, when: When, target: AttackTarget) -> bool:
    """Say whether a suite with the conditions ``when`` runs ``attack`` on this model and table."""
    holds = {
        "no gradients": not target.offers("gradients"),
        "no scores": not target.offers("scores"),
        "discrete features": target.space.discrete,
    }
    cases = when.get(attack.name, ())
    return not cases or any(holds[case] for case in cases)


def kept_for(cases: tuple[str, ...]) -> str:
    """Return a phrase that says for which models ``cases`` keep an attack."""
    return f"the suite keeps it for {', or '.join(CASES[case] for case in cases)}"
