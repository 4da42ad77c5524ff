"""From two sets of results to a verdict: endpoints, terms and statistics."""
