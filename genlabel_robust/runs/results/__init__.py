"""From cells to results: rows, differences, tables, and their schemas."""
