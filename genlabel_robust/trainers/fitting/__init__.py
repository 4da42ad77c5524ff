"""Train modules: one, many at once, or all of a kind as one stack."""
