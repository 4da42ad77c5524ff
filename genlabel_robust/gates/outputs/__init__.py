"""A gate's verdicts in several formats: for a terminal, a pull request and CI systems."""
