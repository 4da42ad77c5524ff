"""Exact robustness of ReLU nets: branch and bound over backward linear bounds."""

from genlabel_robust.certify.nets.certify import BUDGETS, certify_net

__all__ = ["BUDGETS", "certify_net"]
