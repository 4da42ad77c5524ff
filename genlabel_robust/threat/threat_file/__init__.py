"""Threat files: reading them as threat models, and drafting them from data."""
