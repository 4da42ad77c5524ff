"""The kinds of parts that may come from outside, with the registry of each."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genlabel_robust.core.registry import Registry

#: Where the registry of each group of entry points, "genlabel_robust.NAME", is defined.
KINDS: Mapping[str, str] = {
    "strategies": "genlabel_robust.strategies:STRATEGIES",
    "densities": "genlabel_robust.densities:DENSITIES",
    "attacks": "genlabel_robust.attacks:ATTACKS",
    "architectures": "genlabel_robust.models:ARCHITECTURES",
    "formats": "genlabel_robust.model_files:READERS",
    "structures": "genlabel_robust.structure.readers:READERS",
    "certifiers": "genlabel_robust.certify.certifiers:CERTIFIERS",
    "sections": "genlabel_robust.reports:SECTIONS",
    "checks": "genlabel_robust.runs.checks:CHECKS",
}


def registry_of(kind: str) -> Registry:
    """Return the registry for parts of ``kind``, one of ``KINDS``."""
    module, _, attribute = KINDS[kind].partition(":")
    registry: Registry = getattr(import_module(module), attribute)
    return registry


def kind_of(target: Any) -> str | None:
    """Return the kind of part that ``target``, a class or an instance, is by its type.

    None if it could be of several kinds, such as a function.
    """
    types = target.__mro__ if isinstance(target, type) else type(target).__mro__
    names = {f"{one.__module__}:{one.__qualname__}" for one in types}
    return next((kind for kind, base in _BASES.items() if base in names), None)


#: The base class of each kind of part that has one.
_BASES = {
    "strategies": "genlabel_robust.strategies.strategy:Strategy",
    "attacks": "genlabel_robust.attacks.attack:Attack",
    "architectures": "genlabel_robust.models.nets.architecture:Architecture",
    "checks": "genlabel_robust.runs.checks.judging.criterion:Criterion",
}
