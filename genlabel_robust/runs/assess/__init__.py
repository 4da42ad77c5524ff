"""Attack and certify one model, and measure whether that can be believed."""
