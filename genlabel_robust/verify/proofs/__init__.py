"""Checks of stored proofs: their witnesses, new proofs, and confirmation by other methods."""
