"""A core behind transformed columns as the same over raw features."""
