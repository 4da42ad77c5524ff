"""Nets: their architectures, their plain layers, and rows asked alone."""
