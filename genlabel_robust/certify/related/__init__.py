"""Relations between features as linear constraints on a row, for proofs that use them."""
