"""Readers of what is inside models: one file a source, named in ``structure.readers``."""
