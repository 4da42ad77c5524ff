"""XGBoost's own files, JSON and binary."""
