"""The input of a model made of encoded rows, and a check that the model reads it correctly."""
