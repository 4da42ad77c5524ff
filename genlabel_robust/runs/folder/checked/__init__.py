"""Checks that the files of a run must pass before they are used."""
