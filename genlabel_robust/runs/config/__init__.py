"""The declarations of settings, and the sources of their values."""
