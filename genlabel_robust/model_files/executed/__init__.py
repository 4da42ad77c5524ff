"""Formats whose loaders execute what a file says: read with trust only."""
