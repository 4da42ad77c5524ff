"""Text that is safe to print, and its wording."""
