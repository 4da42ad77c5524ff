"""Baselines: what later runs are compared with, kept whole and owned by one test."""
