"""Notices about a data set under a threat."""
