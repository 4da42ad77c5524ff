"""Weights without code, of the architectures here."""
