"""Tasks to evaluate on: tables, their splits, their scaling."""
