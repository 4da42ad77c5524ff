"""Results as text, for the terminal and in Markdown."""
