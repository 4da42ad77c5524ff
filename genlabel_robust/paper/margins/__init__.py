"""Margins on the paper's synthetic data sets."""
