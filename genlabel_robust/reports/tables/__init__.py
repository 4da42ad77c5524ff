"""The tables that all reports share: their columns and cells."""
