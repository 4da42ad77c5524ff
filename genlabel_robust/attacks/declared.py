"""Properties that attacks declare, looked up by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genlabel_robust.attacks import ATTACKS

if TYPE_CHECKING:
    from genlabel_robust.attacks.attack import Attack


def searches(name: str) -> bool:
    """Say whether the attack searches for points; False for a control that draws at random."""
    attack = _registered(name)
    return attack is None or attack.searches


def repeats(name: str) -> str | None:
    """Return the attack whose single step this one repeats, None if there is none."""
    attack = _registered(name)
    return None if attack is None else attack.repeats


def uses_scores(name: str) -> bool:
    """Say whether an attack that needs only labels uses scores where a model offers them.

    False for attacks from outside the package, so that a page does not depend on what is installed.
    """
    return name in ATTACKS.built_in and bool(ATTACKS.load(name).uses_scores)


def _registered(name: str) -> type[Attack] | None:
    """Return the attack's class; None for one of another version or from elsewhere."""
    return ATTACKS.load(name) if name in ATTACKS else None
