"""The threat file: read as a threat model, and drafted from the data."""
