"""Readers of the inside of models: a file for each source, registered in ``structure.readers``."""
