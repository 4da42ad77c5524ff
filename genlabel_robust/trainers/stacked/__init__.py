"""Training of many models at once, as stacks."""
