"""Adapters that make models from elsewhere attackable, and give each the rows that it takes."""
