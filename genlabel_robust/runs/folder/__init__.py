"""The run folder: files are written atomically and checked when they are read."""
