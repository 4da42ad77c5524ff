"""Results for people: the terminal table, Markdown, figures, checksums."""
