"""Relations between features: bound to a task's columns, checked and repaired."""
