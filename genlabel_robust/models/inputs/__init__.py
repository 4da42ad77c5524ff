"""What a model is shown of encoded rows, and whether it takes that for what it is."""
