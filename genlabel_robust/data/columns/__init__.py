"""Columns of a table: their cells, and their encoding as finite floats."""
