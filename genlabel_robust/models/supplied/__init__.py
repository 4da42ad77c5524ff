"""What somebody supplies as a model, a file for each kind."""
