"""Exact robustness of tree ensembles."""

from genlabel_robust.certify.trees.certify import certify_trees
from genlabel_robust.certify.trees.row import RowCertificate, TreeCertifier

__all__ = ["RowCertificate", "TreeCertifier", "certify_trees"]
