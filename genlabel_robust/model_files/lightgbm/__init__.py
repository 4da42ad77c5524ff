"""LightGBM's own text files."""
