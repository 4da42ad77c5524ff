"""The run folder: written whole, read without trust."""
