"""Comparison of a candidate with a baseline, and whether they can be compared."""
