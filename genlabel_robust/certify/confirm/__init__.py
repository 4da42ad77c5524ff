"""Confirmation of certificates by a second, independent method."""

from genlabel_robust.certify.confirm.confirm import Confirmation, confirm

__all__ = ["Confirmation", "confirm"]
