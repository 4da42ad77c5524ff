"""The parts keep the promises that genlabel_robust makes of its own."""

from outside_parts.architecture import residual
from outside_parts.attack import Corners
from outside_parts.density import LaplaceDensity
from outside_parts.strategy import InputNoise

from genlabel_robust.parts.contracts import (
    check_architecture,
    check_attack,
    check_density,
    check_strategy,
)


def test_the_strategy_keeps_its_promises() -> None:
    check_strategy(InputNoise)


def test_the_density_keeps_its_promises() -> None:
    check_density(LaplaceDensity)


def test_the_attack_keeps_its_promises() -> None:
    check_attack(Corners)


def test_the_architecture_keeps_its_promises() -> None:
    check_architecture(residual)
