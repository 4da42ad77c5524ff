"""Rows of a stored run as frames."""
