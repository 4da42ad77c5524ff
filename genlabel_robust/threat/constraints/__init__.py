"""Limits on single features: their kinds, values, prices and columns."""
