"""Results as text: terminal and Markdown."""
