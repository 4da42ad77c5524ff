"""Sentences and names that all reports share."""
