"""Candidate against baseline: whether they can be compared, and how they do."""
