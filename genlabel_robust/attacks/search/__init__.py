"""What several attacks share: starts, steps, bisection, and the search for the best point."""
