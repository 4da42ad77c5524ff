"""Readers of XGBoost's own formats, JSON and binary."""
