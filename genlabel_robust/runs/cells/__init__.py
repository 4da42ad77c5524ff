"""Cells, the units of results, and panels of cells stacked over their seeds."""
