"""Shared parts of attacks: starts, steps, bisection, and the search for the best point."""
