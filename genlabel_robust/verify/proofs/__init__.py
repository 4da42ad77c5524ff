"""Stored proofs, looked at and proved again, and confirmed by other methods."""
