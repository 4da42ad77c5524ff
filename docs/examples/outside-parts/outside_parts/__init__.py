"""A part of every kind for genlabel_robust."""
