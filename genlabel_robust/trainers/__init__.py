"""Trainers: from a strategy and data to a fitted classifier, torch or scikit-learn."""
