"""Which rows train, which are tested, and which are drawn of them."""
