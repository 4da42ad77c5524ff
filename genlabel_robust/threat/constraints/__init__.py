"""Constraints on single features: kinds, values, costs, and the columns that they concern."""
