"""The run: from a configuration to stored, verified, aggregated results."""
