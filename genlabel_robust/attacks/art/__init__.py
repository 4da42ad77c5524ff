"""Attacks that need ART, and this package's attacks for ART's classifiers: all that touches ART."""
