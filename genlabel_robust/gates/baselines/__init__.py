"""Baselines: stored runs with which later runs are compared."""
