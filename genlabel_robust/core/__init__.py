"""What every room may use: errors, names, seeds, the threat and its space, files."""
