"""The result of a run in sentences: the verdict and its reasons."""
