"""The sections of the audit report: each takes a stored run and returns its content."""
