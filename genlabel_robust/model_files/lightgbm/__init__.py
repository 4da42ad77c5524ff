"""Reader of LightGBM's own text format."""
