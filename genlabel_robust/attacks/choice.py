"""Which models a suite keeps an attack for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from genlabel_robust.core import ConfigurationError, unknown_name

if TYPE_CHECKING:
    from genlabel_robust.attacks.attack import Attack
    from genlabel_robust.targets.target import AttackTarget

#: What a suite may say of an attack, and which models that keeps it for.
CASES = {
    "no gradients": "models without gradients",
    "no scores": "models that give labels alone",
    "discrete features": "tables with whole numbers or categories that may change",
}

#: For each attack that a suite keeps for some models: the cases, any of which suffices.
When: TypeAlias = Mapping[str, tuple[str, ...]]


def read_cases(value: Any, attack: str, origin: str) -> tuple[str, ...]:
    """Return the cases that a suite states for ``attack``; raises ``ConfigurationError``."""
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
    """Say whether the suite that ``when`` is of wants ``attack`` for the model and its table."""
    holds = {
        "no gradients": not target.offers("gradients"),
        "no scores": not target.offers("scores"),
        "discrete features": target.space.discrete,
    }
    cases = when.get(attack.name, ())
    return not cases or any(holds[case] for case in cases)


def kept_for(cases: tuple[str, ...]) -> str:
    """Return in words which models ``cases`` keep an attack for."""
    return f"the suite keeps it for {', or '.join(CASES[case] for case in cases)}"
