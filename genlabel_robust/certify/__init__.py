"""Exact values and proofs: which examples no attacker can break."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports

if TYPE_CHECKING:
    from genlabel_robust.certify.certificate import Certificate

__all__ = ["Certificate"]

__getattr__, __dir__ = exports(__name__, {"Certificate": "genlabel_robust.certify.certificate"})
