"""CatBoost's own files, binary and JSON."""
