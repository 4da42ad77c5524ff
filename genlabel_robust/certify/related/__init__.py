"""Relations between features as linear constraints of a row, for proofs that know of them."""
