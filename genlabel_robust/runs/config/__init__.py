"""One declaration per setting, and where each value comes from."""
