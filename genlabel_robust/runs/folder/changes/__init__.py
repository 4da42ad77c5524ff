"""What changed between a folder's run and the one that is asked for."""
