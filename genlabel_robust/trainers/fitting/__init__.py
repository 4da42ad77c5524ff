"""Training of modules: one at a time, or many as one stack."""
