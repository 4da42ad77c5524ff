"""Readers of formats whose loaders execute code in the file; they need ``--trust``."""
