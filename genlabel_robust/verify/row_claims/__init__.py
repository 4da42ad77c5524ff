"""Claims about single rows, computed again."""
