"""Verification of a finished run: every claim is recomputed from models, data and examples."""
