"""Results made from cells: rows, differences, tables, and their schemas."""
