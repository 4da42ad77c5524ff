"""Folding of a core behind transformed columns into a structure on raw features."""
