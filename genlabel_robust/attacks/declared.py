"""What an attack says of itself, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genlabel_robust.attacks import ATTACKS

if TYPE_CHECKING:
    from genlabel_robust.attacks.attack import Attack


def searches(name: str) -> bool:
    """Say whether the attack looks for points; False for a control by chance."""
    attack = _registered(name)
    return attack is None or attack.searches


def repeats(name: str) -> str | None:
    """Return the attack whose single step it makes many times, None if that is no other's."""
    attack = _registered(name)
    return None if attack is None else attack.repeats


def uses_scores(name: str) -> bool:
    """Say whether an attack that needs labels only asks for scores where there are some.

    Of the package's own attacks: a page says the same where a part is not at hand.
    """
    return name in ATTACKS.built_in and bool(ATTACKS.load(name).uses_scores)


def _registered(name: str) -> type[Attack] | None:
    """Return the attack's class; None for one of another version, or of somebody's own."""
    return ATTACKS.load(name) if name in ATTACKS else None
