"""Proofs confirmed by another method than the one that found them."""

from genlabel_robust.certify.confirm.confirm import Confirmation, confirm

__all__ = ["Confirmation", "confirm"]
