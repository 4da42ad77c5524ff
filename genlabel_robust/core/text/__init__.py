"""Text fit to be printed, and its wording."""
