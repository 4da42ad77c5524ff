"""Columns of a table: their cells, and how they are encoded as finite floats."""
