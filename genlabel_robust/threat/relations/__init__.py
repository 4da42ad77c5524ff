"""Relations between features: read, bound to a task's columns, and kept to."""
