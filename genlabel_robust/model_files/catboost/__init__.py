"""Readers of CatBoost's own formats, binary and JSON."""
