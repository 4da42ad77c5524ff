"""Exact values and proofs: which examples no attacker can break."""

from genlabel_robust.certify.certificate import Certificate

__all__ = ["Certificate"]
