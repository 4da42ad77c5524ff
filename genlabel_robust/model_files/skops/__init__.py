"""Estimators of scikit-learn as skops stores them: what is looked at before and after loading."""
