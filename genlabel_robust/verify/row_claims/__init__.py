"""Checks of claims about single rows, which are computed again."""
