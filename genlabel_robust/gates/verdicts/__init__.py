"""Verdicts from two sets of results: endpoints, terms and statistics."""
