"""Nets: architectures, plain layers, and queries of single rows."""
