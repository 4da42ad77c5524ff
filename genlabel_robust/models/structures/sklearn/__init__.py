"""Readers of what is inside scikit-learn's estimators."""
