"""Soft votes: branch and bound over boxes, in which each member's scores are bounded."""

from genlabel_robust.certify.votes.certify import BUDGETS, certify_vote

__all__ = ["BUDGETS", "certify_vote"]
