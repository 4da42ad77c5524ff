"""Margins on the paper's synthetic sets."""
