"""Readers of scikit-learn's estimators."""
