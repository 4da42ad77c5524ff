"""The regression gate: compares results with a baseline and gives a verdict for CI."""
