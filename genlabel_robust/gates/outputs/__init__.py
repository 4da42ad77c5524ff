"""A gate's verdicts for each reader: terminal, pull request, CI."""
