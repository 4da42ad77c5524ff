"""Exact distances for affine models, with whole-number and categorical features."""
