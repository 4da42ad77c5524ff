"""What every room may use: errors, names, seeds, files, parallel work."""
