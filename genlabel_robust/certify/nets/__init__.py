"""Nets of ReLUs: exact robustness by branch and bound over backward linear bounds."""

from genlabel_robust.certify.nets.certify import BUDGETS, certify_net

__all__ = ["BUDGETS", "certify_net"]
